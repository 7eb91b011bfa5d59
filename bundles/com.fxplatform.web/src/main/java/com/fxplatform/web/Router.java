package com.fxplatform.web;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** Finds the route of a request. Reads take no lock; routes come and go seldom. */
final class Router {
  /** What was found: a route with its variables, or the methods the path has instead. */
  record Found(Route route, Map<String, String> values, SortedSet<String> allowed) {}

  private volatile List<Route> routes = List.of();
  // the routes without variables, by method and path: what is asked most is found at once
  private volatile Map<String, Route> literal = Map.of();

  synchronized void add(String route) {
    List<Route> next = new ArrayList<>(routes);
    next.add(Route.parse(route));
    next.sort(Route::compareExactness);
    take(next);
  }

  /** One route leaves; another service may still speak for the same one. */
  synchronized void remove(String route) {
    List<Route> next = new ArrayList<>(routes);
    next.remove(Route.parse(route));
    take(next);
  }

  private void take(List<Route> next) {
    Map<String, Route> exact = new HashMap<>();
    next.stream().filter(Route::isLiteral).forEach(route -> exact.put(route.id(), route));
    literal = exact;
    routes = List.copyOf(next);
  }

  /**
   * The most exact path decides, whatever its methods: {@code DELETE /api/executor/config} is no way to delete an executor
   * called config.
   */
  Found find(String method, String path) {
    Route known = literal.get(method + " " + path);
    if (known != null) {
      return new Found(known, Map.of(), Collections.emptySortedSet());
    }
    List<String> segments = Route.split(path);
    String wanted = "HEAD".equals(method) ? "GET" : method;
    SortedSet<String> allowed = new TreeSet<>();
    Route exact = null;
    for (Route route : routes) {
      if (exact != null && !route.sameShape(exact)) {
        continue;
      }
      Map<String, String> values = route.match(segments);
      if (values == null) {
        continue;
      }
      if (route.method().equals(wanted)) {
        return new Found(route, values, allowed);
      }
      exact = route;
      allowed.add(route.method());
      if ("GET".equals(route.method())) {
        allowed.add("HEAD");
      }
    }
    if (!allowed.isEmpty()) {
      allowed.add("OPTIONS");
    }
    return new Found(null, Map.of(), allowed);
  }
}
