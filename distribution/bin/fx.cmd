@echo off
rem FX Platform. "fx --help" teaches the rest.
setlocal
set "LIB=%~dp0lib"
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
if defined JAVA_HOME if not exist "%JAVA%.exe" (
  echo fx: JAVA_HOME is %JAVA_HOME%, but there is no bin\java.exe in it; point it at a Java 17 or newer, or unset it. 1>&2
  exit /b 1
)
set "MAJOR="
for /f "tokens=3" %%v in ('""%JAVA%" -version 2>&1" ^| findstr /i /c:" version "') do if not defined MAJOR set "MAJOR=%%~v"
if not defined MAJOR (
  echo fx: There is no Java on this machine's PATH; install Java 17 or newer, or set JAVA_HOME. 1>&2
  exit /b 1
)
for /f "tokens=1 delims=.-+" %%m in ("%MAJOR%") do set "MAJOR=%%m"
if %MAJOR% LSS 17 (
  echo fx: %JAVA% is Java %MAJOR%, and FX Platform needs Java 17 or newer; set JAVA_HOME to one. 1>&2
  exit /b 1
)
if "%FX_JVM_HEAP%"=="" set "FX_JVM_HEAP=512m"
rem what `fx archive` made; a JVM that it does not fit ignores it, and need not say so
set "ARCHIVE="
if exist "%LIB%\..\..\data\cache\fx.jsa" set ARCHIVE=-XX:SharedArchiveFile="%LIB%\..\..\data\cache\fx.jsa" -Xlog:disable -Xlog:all=error:stderr
rem Windows does not replace a file that is mapped
if /i "%~1"=="archive" set "ARCHIVE="
if /i "%~1"=="run" (
  "%JAVA%" -Xmx%FX_JVM_HEAP% -Dfx.jvm.heap=%FX_JVM_HEAP% -Xshare:auto -XX:+ExitOnOutOfMemoryError -jar "%LIB%\fx.jar" %*
) else (
  "%JAVA%" -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto %ARCHIVE% -jar "%LIB%\fx.jar" %*
)
exit /b %ERRORLEVEL%
