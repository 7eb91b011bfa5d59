package com.fxplatform.itests.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.objectweb.asm.AnnotationVisitor;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.signature.SignatureReader;
import org.objectweb.asm.signature.SignatureVisitor;

/** What the rules want to know of one class file. Types are written as in the language: {@code java.util.Map$Entry}. */
final class ClassFacts {
  /** A member of another class that is used, and by which line. */
  record Use(String owner, String member, int line) {}

  private static final int API = Opcodes.ASM9;
  private static final int CLASS = 7;
  private static final int NAME_AND_TYPE = 12;
  private static final int METHOD_TYPE = 16;

  private String name = "";
  private String superclass = "";
  private boolean visible;
  private boolean openInterface;
  private final Set<String> references = new TreeSet<>();
  private final Set<String> signatures = new TreeSet<>();
  private final Set<String> annotations = new TreeSet<>();
  private final List<Use> uses = new ArrayList<>();

  ClassFacts(byte[] bytes) {
    ClassReader reader = new ClassReader(bytes);
    reader.accept(new Facts(), ClassReader.SKIP_FRAMES);
    constants(reader);
  }

  String name() {
    return name;
  }

  String packageName() {
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }

  String superclass() {
    return superclass;
  }

  /** A public interface that others may implement: no annotation, not sealed. */
  boolean openInterface() {
    return openInterface;
  }

  /** Everything the code names, wherever it names it. */
  Set<String> references() {
    return references;
  }

  /** What others see: types in public and protected declarations. Empty if the class itself is not visible. */
  Set<String> signatures() {
    return visible ? signatures : Set.of();
  }

  Set<String> annotations() {
    return annotations;
  }

  List<Use> uses() {
    return uses;
  }

  private void constants(ClassReader reader) {
    char[] buffer = new char[reader.getMaxStringLength()];
    for (int i = 1; i < reader.getItemCount(); i++) {
      int at = reader.getItem(i);
      if (at == 0) {
        continue;
      }
      switch (reader.readByte(at - 1)) {
        case CLASS -> type(Type.getObjectType(reader.readUTF8(at, buffer)), references);
        case NAME_AND_TYPE -> type(Type.getType(reader.readUTF8(at + 2, buffer)), references);
        case METHOD_TYPE -> type(Type.getType(reader.readUTF8(at, buffer)), references);
        default -> { }
      }
    }
  }

  private static void type(Type type, Set<String> into) {
    switch (type.getSort()) {
      case Type.OBJECT -> into.add(type.getClassName());
      case Type.ARRAY -> type(type.getElementType(), into);
      case Type.METHOD -> {
        type(type.getReturnType(), into);
        for (Type argument : type.getArgumentTypes()) {
          type(argument, into);
        }
      }
      default -> { }
    }
  }

  private static boolean shown(int access) {
    return (access & (Opcodes.ACC_PUBLIC | Opcodes.ACC_PROTECTED)) != 0;
  }

  private static void generic(String signature, Set<String> into) {
    if (signature != null) {
      new SignatureReader(signature).accept(new SignatureVisitor(API) {
        @Override
        public void visitClassType(String type) {
          into.add(type.replace('/', '.'));
        }
      });
    }
  }

  private void declared(int access, String descriptor, String signature) {
    type(Type.getType(descriptor), references);
    generic(signature, references);
    if (shown(access)) {
      type(Type.getType(descriptor), signatures);
      generic(signature, signatures);
    }
  }

  private final class Facts extends ClassVisitor {
    Facts() {
      super(API);
    }

    @Override
    public void visit(int version, int access, String internal, String signature, String parent, String[] interfaces) {
      name = internal.replace('/', '.');
      superclass = parent == null ? "" : parent.replace('/', '.');
      visible = shown(access);
      openInterface = visible && (access & Opcodes.ACC_INTERFACE) != 0 && (access & Opcodes.ACC_ANNOTATION) == 0;
      signatures.add(superclass);
      for (String one : interfaces) {
        signatures.add(one.replace('/', '.'));
      }
      generic(signature, signatures);
      generic(signature, references);
    }

    @Override
    public void visitPermittedSubclass(String permitted) {
      openInterface = false;
    }

    @Override
    public void visitInnerClass(String internal, String outer, String inner, int access) {
      if (internal.replace('/', '.').equals(name)) {
        // a private nested class is package-private to the VM; its true access stands here
        visible = shown(access);
        openInterface &= visible;
      }
    }

    @Override
    public AnnotationVisitor visitAnnotation(String descriptor, boolean runtime) {
      annotations.add(Type.getType(descriptor).getClassName());
      return null;
    }

    @Override
    public FieldVisitor visitField(int access, String field, String descriptor, String signature, Object value) {
      declared(access, descriptor, signature);
      return null;
    }

    @Override
    public MethodVisitor visitMethod(int access, String method, String descriptor, String signature, String[] exceptions) {
      declared(access, descriptor, signature);
      if (exceptions != null && shown(access)) {
        for (String one : exceptions) {
          signatures.add(one.replace('/', '.'));
        }
      }
      return new Body();
    }
  }

  private final class Body extends MethodVisitor {
    private int line;

    Body() {
      super(API);
    }

    @Override
    public void visitLineNumber(int number, Label start) {
      line = number;
    }

    @Override
    public void visitMethodInsn(int opcode, String owner, String method, String descriptor, boolean isInterface) {
      uses.add(new Use(owner.replace('/', '.'), method, line));
    }

    @Override
    public void visitFieldInsn(int opcode, String owner, String field, String descriptor) {
      uses.add(new Use(owner.replace('/', '.'), field, line));
    }

    @Override
    public void visitInvokeDynamicInsn(String method, String descriptor, Handle bootstrap, Object... arguments) {
      // a method reference (System::getenv, Thread::new) is a use like any other
      for (Object argument : arguments) {
        if (argument instanceof Handle handle) {
          uses.add(new Use(handle.getOwner().replace('/', '.'), handle.getName(), line));
        }
      }
    }
  }
}
