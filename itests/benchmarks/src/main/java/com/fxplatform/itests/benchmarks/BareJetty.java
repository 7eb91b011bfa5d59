package com.fxplatform.itests.benchmarks;

import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;

/** The empty servlet in a Jetty without OSGi. */
public final class BareJetty {
  private BareJetty() {}

  public static void main(String[] arguments) throws Exception {
    Server server = new Server(Integer.parseInt(arguments[0]));
    ServletContextHandler context = new ServletContextHandler("/");
    context.addServlet(new ServletHolder(new EmptyServlet()), "/*");
    server.setHandler(context);
    server.start();
  }
}
