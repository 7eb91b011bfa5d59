package com.fxplatform.console;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.Heading;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/** A Markdown document as a page: its chapters beside it, and each heading an address of its own. */
final class ReferencePage {
  private static final List<Extension> TABLES = List.of(TablesExtension.create());
  private static final int CHAPTER = 2;

  private final String frame;

  /** @param frame the page around it, with the marks {@code <!--contents-->} and {@code <!--body-->} */
  ReferencePage(String frame) {
    this.frame = frame;
  }

  String of(String markdown) {
    Node document = Parser.builder().extensions(TABLES).build().parse(markdown);
    Map<Heading, String> addresses = new HashMap<>();
    StringBuilder contents = new StringBuilder();
    document.accept(new AbstractVisitor() {
      @Override
      public void visit(Heading heading) {
        String title = title(heading);
        String address = address(title, addresses);
        addresses.put(heading, address);
        if (heading.getLevel() == CHAPTER) {
          contents.append("<li><a href=\"#").append(address).append("\">").append(escaped(title)).append("</a></li>\n");
        }
      }
    });
    String body = HtmlRenderer.builder().extensions(TABLES).escapeHtml(true).sanitizeUrls(true)
        .attributeProviderFactory(context -> (node, tag, attributes) -> {
          if (node instanceof Heading heading && addresses.containsKey(heading)) {
            attributes.put("id", addresses.get(heading));
          }
        }).build().render(document);
    return frame.replace("<!--contents-->", contents).replace("<!--body-->", body);
  }

  private static String title(Heading heading) {
    StringBuilder title = new StringBuilder();
    heading.accept(new AbstractVisitor() {
      @Override
      public void visit(Text text) {
        title.append(text.getLiteral());
      }

      @Override
      public void visit(Code code) {
        title.append(code.getLiteral());
      }
    });
    return title.toString();
  }

  private static String address(String title, Map<Heading, String> taken) {
    String wanted = title.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    String address = wanted;
    for (int number = 2; taken.containsValue(address); number++) {
      address = wanted + "-" + number;
    }
    return address;
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
