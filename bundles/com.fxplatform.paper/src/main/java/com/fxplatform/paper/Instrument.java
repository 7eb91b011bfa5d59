package com.fxplatform.paper;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What can be traded.
 *
 * @param name the broker's symbol
 * @param base the currency (or metal, or coin) that is bought
 * @param quote the currency it is paid in
 * @param digits decimals of its price
 * @param spread in points, constant
 * @param contract units per lot
 * @param anchor around where its price walks
 * @param volatility relative size of one second's step
 */
public record Instrument(
    String name, String base, String quote, int digits, int spread, double contract, double anchor, double volatility) {
  /** What a paper terminal offers. */
  public static final Map<String, Instrument> TABLE =
      table(
          List.of(
              new Instrument("EURUSD", "EUR", "USD", 5, 12, 100_000, 1.08500, 4e-6),
              new Instrument("GBPUSD", "GBP", "USD", 5, 15, 100_000, 1.27200, 5e-6),
              new Instrument("AUDUSD", "AUD", "USD", 5, 14, 100_000, 0.65800, 5e-6),
              new Instrument("NZDUSD", "NZD", "USD", 5, 18, 100_000, 0.60400, 5e-6),
              new Instrument("USDJPY", "USD", "JPY", 3, 13, 100_000, 149.500, 5e-6),
              new Instrument("USDCHF", "USD", "CHF", 5, 15, 100_000, 0.88100, 4e-6),
              new Instrument("USDCAD", "USD", "CAD", 5, 16, 100_000, 1.36200, 4e-6),
              new Instrument("EURJPY", "EUR", "JPY", 3, 20, 100_000, 162.200, 6e-6),
              new Instrument("GBPJPY", "GBP", "JPY", 3, 25, 100_000, 190.150, 7e-6),
              new Instrument("EURGBP", "EUR", "GBP", 5, 16, 100_000, 0.85300, 3e-6),
              new Instrument("XAUUSD", "XAU", "USD", 2, 25, 100, 2350.00, 9e-6),
              new Instrument("XAGUSD", "XAG", "USD", 3, 30, 5_000, 28.500, 1e-5),
              new Instrument("BTCUSD", "BTC", "USD", 2, 1500, 1, 64000.00, 2e-5),
              new Instrument("ETHUSD", "ETH", "USD", 2, 250, 1, 3100.00, 2e-5)));

  private static Map<String, Instrument> table(List<Instrument> all) {
    Map<String, Instrument> byName = new LinkedHashMap<>();
    all.forEach(each -> byName.put(each.name, each));
    return Map.copyOf(byName);
  }

  /** The smallest step of its price. */
  public double point() {
    return Math.pow(10, -digits);
  }

  /** The price as this symbol is quoted. */
  public double rounded(double price) {
    double scale = Math.pow(10, digits);
    return Math.round(price * scale) / scale;
  }

  /** The price with this symbol's decimals. */
  String text(double price) {
    return String.format(Locale.ROOT, "%." + digits + "f", price);
  }

  /** The distance between bid and ask in points. */
  long points(Prices.Quote quote) {
    return Math.round((quote.ask() - quote.bid()) / point());
  }
}
