package com.fxplatform.credentials;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the predecessor told its beta testers (wire-contract 5.3); a page shows it, nothing enforces it. */
final class Beta {
  static final int EXECUTORS = 2;

  private Beta() {}

  static Map<String, Object> limits() {
    Map<String, Object> limits = new LinkedHashMap<>();
    limits.put("maxDailyTrades", 20);
    limits.put("maxLotSize", 0.01);
    limits.put("maxPositions", 3);
    limits.put("maxDailyLoss", 100);
    limits.put("maxDrawdown", 20);
    limits.put("allowedSymbols", List.of("EURUSD", "GBPUSD", "USDJPY", "AUDUSD", "NZDUSD", "USDCAD", "USDCHF", "EURJPY", "GBPJPY",
        "BTCUSD", "ETHUSD", "XAUUSD", "XAGUSD", "USOIL"));
    return limits;
  }
}
