package com.fxplatform.deploy;

import com.fxplatform.api.live.Roster;
import com.fxplatform.api.live.Voice;
import com.fxplatform.api.metrics.Meter;
import com.fxplatform.api.metrics.Meter.Series;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code /metrics}: what the house counts and times, as Prometheus reads it. The one class that knows its library. */
@Component(service = Page.class, property = Page.PATH + "=/metrics")
public final class MetricsPage implements Page {
  private final Health health;

  @Activate
  public MetricsPage(@Reference Health health) {
    this.health = health;
  }

  @Override
  public Answer answer(Ask ask) {
    if (!ask.method().equals("GET") && !ask.method().equals("HEAD")) {
      return Answer.json(405, "{\"error\":\"Ask with GET.\"}");
    }
    List<MetricSnapshot> all = new ArrayList<>();
    Meter.everywhere().forEach(meter -> all.add(snapshot(meter)));
    all.addAll(voices());
    Health.Picture picture = health.picture();
    all.add(gauge("fx_live", "Whether the process can do its work.", picture.live() ? 1 : 0));
    all.add(gauge("fx_ready", "Whether it does its job right now.", picture.ready() ? 1 : 0));
    all.add(gauge("jvm_heap_used_bytes", "Memory in use on the heap.", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()));
    all.add(gauge("jvm_threads", "Threads that live.", ManagementFactory.getThreadMXBean().getThreadCount()));
    all.add(gauge("process_uptime_seconds", "Seconds since the start.", ManagementFactory.getRuntimeMXBean().getUptime() / 1e3));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(out, new MetricSnapshots(all));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return new Answer(200, PrometheusTextFormatWriter.CONTENT_TYPE, out.toByteArray());
  }

  private static MetricSnapshot snapshot(Meter meter) {
    return switch (meter.kind()) {
      case COUNTER -> counter(meter);
      case LEVEL -> level(meter);
      case TIMING -> timing(meter);
    };
  }

  private static MetricSnapshot counter(Meter meter) {
    CounterSnapshot.Builder builder = CounterSnapshot.builder().name(base(meter.name())).help(meter.help());
    for (Series series : meter.series()) {
      builder.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder().labels(labels(meter, series)).value(series.count()).build());
    }
    return builder.build();
  }

  private static MetricSnapshot level(Meter meter) {
    GaugeSnapshot.Builder builder = GaugeSnapshot.builder().name(meter.name()).help(meter.help());
    for (Series series : meter.series()) {
      builder.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().labels(labels(meter, series)).value(series.count()).build());
    }
    return builder.build();
  }

  private static MetricSnapshot timing(Meter meter) {
    HistogramSnapshot.Builder builder = HistogramSnapshot.builder().name(meter.name()).help(meter.help());
    List<Double> bounds = new ArrayList<>(Meter.bounds().stream().map(bound -> bound.toNanos() / 1e9).toList());
    bounds.add(Double.POSITIVE_INFINITY);
    for (Series series : meter.series()) {
      builder.dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder().labels(labels(meter, series))
          .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, series.buckets())).sum(series.totalNanos() / 1e9).build());
    }
    return builder.build();
  }

  // the library adds the ending itself
  private static String base(String name) {
    return name.substring(0, name.length() - "_total".length());
  }

  private static Labels labels(Meter meter, Series series) {
    return Labels.of(meter.labels(), series.labels());
  }

  private static MetricSnapshot gauge(String name, String help, double value) {
    return GaugeSnapshot.builder().name(name).help(help)
        .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value(value).build()).build();
  }

  /** Calls by the rooms that answered them: an old and a new version are told apart. */
  private static List<MetricSnapshot> voices() {
    Map<List<String>, long[]> sums = new TreeMap<>((a, b) -> String.join(" ", a).compareTo(String.join(" ", b)));
    for (Voice voice : Roster.everywhere()) {
      long[] sum = sums.computeIfAbsent(List.of(voice.bundle(), voice.version()), key -> new long[2]);
      sum[0] += voice.calls();
      sum[1] += voice.failures();
    }
    CounterSnapshot.Builder calls = CounterSnapshot.builder().name("fx_room_calls").help("Calls that a room answered.");
    CounterSnapshot.Builder failures = CounterSnapshot.builder().name("fx_room_failures").help("Calls that failed in a room.");
    sums.forEach((key, sum) -> {
      Labels labels = Labels.of(List.of("bundle", "version"), key);
      calls.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder().labels(labels).value(sum[0]).build());
      failures.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder().labels(labels).value(sum[1]).build());
    });
    return List.of(calls.build(), failures.build());
  }
}
