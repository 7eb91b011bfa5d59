package com.fxplatform.deploy;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.deploy.Deployer;
import com.fxplatform.api.deploy.Deployment;
import com.fxplatform.api.deploy.Deployment.State;
import com.fxplatform.api.deploy.Rehearsal;
import com.fxplatform.api.live.Hold;
import com.fxplatform.api.live.Roster;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the deploy folder: takes a jar, tries it beside the incumbent, promotes it, watches it, and brings the
 * incumbent back at the first trouble. One deployment at a time, all on one thread.
 */
@Component(service = {Deployer.class, Caretaker.class}, immediate = true, configurationPid = "com.fxplatform.deploy",
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class Caretaker implements Deployer {
  /** Where things lie, and how patient the caretaker is. Without metatype: one PID has one, and the back door's is it. */
  @interface Config {
    /** The instance's data folder; ledger and archive are kept in deploy/ below it. */
    String folder();

    /** The folder that is watched; default: deploy beside the data folder. */
    String deployFolder() default "";

    /** The folder with the certificates of those who may sign; default: trust beside the data folder. */
    String trustFolder() default "";

    /** off, warn or require; default: require as soon as the trust folder holds a certificate, else off. */
    String signatures() default "";

    /** Seconds for which a promoted newcomer is watched. */
    int probation() default 30;

    /** Seconds within which a newcomer must be up and healthy. */
    int patience() default 10;

    /** Milliseconds between two looks at the folder. */
    int pollMillis() default 500;
  }

  static final String LOCATION = "deploy:";
  private static final String TREE = "reference:";
  private static final String WITHDRAWN = "Its jar was taken away before it had settled.";
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);
  private static final Duration HOLD = Duration.ofSeconds(2);
  private static final Duration BOOT_PATIENCE = Duration.ofSeconds(30);
  private static final long BOOT_MILLIS = 20;
  private static final Logger LOG = LoggerFactory.getLogger(Caretaker.class);

  /** What stands from the deploy folder. */
  private record Standing(String name, String digest, Path jar, Bundle bundle) {}

  private final BundleContext context;
  private final ServiceComponentRuntime runtime;
  private final Health health;
  private final Components components;
  private final Deadline deadline = new Deadline();
  private final Roster<Rehearsal> rehearsals = new Roster<>(Rehearsal.SERVICE, Duration.ofSeconds(5));
  private final Trial trial;
  private final Path deploy;
  private final Path own;
  private final Path trusted;
  private final DropFolder folder;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(task -> BackDoor.named(task, "fx-deploy-caretaker"));
  private final Map<Path, String> handedIn = new ConcurrentHashMap<>();
  private final long began = System.nanoTime();

  // of the caretaker's thread
  private final Map<String, Standing> standing = new HashMap<>();
  private final Map<String, String> treeLocations = new HashMap<>();
  private boolean settledIn;
  private FileChannel lock;
  private long serial;

  private volatile Config config;
  private volatile Ledger ledger;

  @Activate
  public Caretaker(BundleContext context, Config config, @Reference ServiceComponentRuntime runtime, @Reference Health health) {
    this.context = context;
    this.config = config;
    this.health = health;
    this.runtime = runtime;
    components = new Components(runtime);
    trial = new Trial(context, components, deadline, rehearsals);
    Path data = Path.of(config.folder()).toAbsolutePath();
    deploy = config.deployFolder().isEmpty() ? data.resolveSibling("deploy") : Path.of(config.deployFolder()).toAbsolutePath();
    own = data.resolve("deploy");
    trusted = config.trustFolder().isEmpty() ? data.resolveSibling("trust") : Path.of(config.trustFolder()).toAbsolutePath();
    check(config);
    folder = new DropFolder(deploy);
    health.settlingIn(true);
    thread.execute(this::round);
  }

  /** Other folders are taken at the next start. */
  @Modified
  void modified(Config changed) {
    check(changed);
    config = changed;
  }

  private static void check(Config config) {
    if (!Trust.isMode(config.signatures())) {
      throw new IllegalArgumentException("signatures must be off, warn or require, not " + config.signatures());
    }
    if (config.probation() < 0 || config.patience() < 1 || config.pollMillis() < 10) {
      throw new IllegalArgumentException("probation must be at least 0 s, patience at least 1 s and pollMillis at least 10, not "
          + config.probation() + ", " + config.patience() + " and " + config.pollMillis());
    }
  }

  @Reference(service = Rehearsal.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void bindRehearsal(Rehearsal rehearsal, Map<String, ?> properties) {
    rehearsals.bind(rehearsal, properties);
  }

  void unbindRehearsal(Rehearsal rehearsal) {
    rehearsals.unbind(rehearsal);
  }

  @Deactivate
  void close() throws InterruptedException {
    closing.countDown();
    thread.shutdown();
    // a deployment under way brings the incumbent back first
    if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
      thread.shutdownNow();
    }
    deadline.close();
    try {
      if (lock != null) {
        lock.close();
      }
    } catch (IOException e) {
      LOG.warn("The lock of the deploy folder could not be given back. cause={}", e.getMessage());
    }
  }

  // ---- handing in

  @Override
  public Deployment deploy(Path jar) {
    if (!Files.isRegularFile(jar)) {
      throw new Refusal(404, NOTHING_TO_DEPLOY, "There is no file " + jar + ".");
    }
    return handIn(jar);
  }

  @Override
  public Deployment rollback(String symbolicName) {
    Ledger book = inCharge();
    String present = book.standing(symbolicName).map(Deployment::digest).orElse("");
    Deployment before = book.before(symbolicName, present)
        .orElseThrow(() -> new Refusal(404, NOTHING_TO_DEPLOY, "No earlier version of " + symbolicName + " has ever settled here."));
    Path archived = archived(before);
    if (!Files.exists(archived)) {
      throw new Refusal(404, NOTHING_TO_DEPLOY, "The archive does not hold " + archived.getFileName() + " any more.");
    }
    return handIn(archived);
  }

  @Override
  public List<Deployment> ledger() {
    Ledger book = ledger;
    return book == null ? List.of() : book.lately();
  }

  private Ledger inCharge() {
    Ledger book = ledger;
    if (book == null) {
      throw new Refusal(409, NOT_IN_CHARGE, "This runtime does not look after " + deploy + ", or not yet; another one of this instance may.");
    }
    return book;
  }

  private Deployment handIn(Path jar) {
    Ledger book = inCharge();
    try {
      Files.createDirectories(deploy);
      Path copy = Files.createTempFile(deploy, ".incoming-", ".part");
      try {
        Files.copy(jar, copy, StandardCopyOption.REPLACE_EXISTING);
        // a copy is new, however old the original is
        Files.setLastModifiedTime(copy, java.nio.file.attribute.FileTime.from(Instant.now()));
        String name = jar.getFileName().toString();
        String version = "";
        String digest = Parcel.digest(copy);
        try {
          Parcel parcel = Parcel.of(copy);
          name = parcel.name();
          version = parcel.version();
        } catch (Rejected no) {
          // the caretaker will say so in the ledger
        }
        String id = book.nextId();
        // a name of its own: a version that comes back must not be taken for its former jar, which is just being cleared away
        Path target = deploy.resolve(version.isEmpty() ? jarName(name) : name + "-" + version + "-" + id + ".jar");
        handedIn.put(target, id);
        Files.move(copy, target, StandardCopyOption.ATOMIC_MOVE);
        return new Deployment(id, name, version, digest, State.RECEIVED, "", Instant.now());
      } finally {
        Files.deleteIfExists(copy);
      }
    } catch (IOException e) {
      throw new Refusal(500, NOTHING_TO_DEPLOY, "The jar cannot be put into " + deploy + " (" + e + ").");
    }
  }

  private static String jarName(String name) {
    return name.endsWith(".jar") ? name : name + ".jar";
  }

  // ---- looking

  private void round() {
    look();
    // the start waits for the first real look
    long pause = settledIn || ledger == null ? Math.max(10, config.pollMillis()) : BOOT_MILLIS;
    if (closing.getCount() > 0) {
      try {
        thread.schedule(this::round, pause, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException closed) {
        LOG.debug("The caretaker goes. folder={}", deploy);
      }
    }
  }

  private void look() {
    try {
      if (ledger == null && !takeCharge()) {
        // the other runtime brings up nothing here; plugins of its own need an instance of their own
        health.settlingIn(false);
        return;
      }
      if (!settledIn) {
        if (!treeIsUp() && System.nanoTime() - began < BOOT_PATIENCE.toNanos()) {
          return;
        }
        settledIn = true;
        try {
          settleIn();
        } finally {
          health.settlingIn(false);
        }
      }
      keepFolder();
      for (Path jar : folder.ready()) {
        folder.take(jar);
        new Attempt(jar, Optional.ofNullable(handedIn.remove(jar)).orElseGet(ledger::nextId), false).run();
      }
      for (Path jar : folder.gone()) {
        folder.forget(jar);
        removed(jar);
      }
    } catch (IOException | RuntimeException e) {
      LOG.error("The caretaker could not look after the deploy folder. folder={}", deploy, e);
    } catch (Pause.Over closed) {
      LOG.info("The caretaker goes in the middle of his work; the jar starts again from the beginning. folder={}", deploy);
    }
  }

  private boolean takeCharge() throws IOException {
    Files.createDirectories(own.resolve("archive"));
    FileChannel channel = FileChannel.open(own.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock held = null;
    try {
      held = channel.tryLock();
    } catch (OverlappingFileLockException sameProcess) {
      // as good as another process
    }
    if (held == null) {
      channel.close();
      return false;
    }
    lock = channel;
    Files.createDirectories(deploy);
    Path work = own.resolve("work");
    Files.createDirectories(work);
    try (var left = Files.newDirectoryStream(work)) {
      for (Path file : left) {
        Files.delete(file);
      }
    }
    ledger = new Ledger(own.resolve("ledger.jsonl"));
    return true;
  }

  private boolean treeIsUp() {
    return Arrays.stream(context.getBundles()).filter(bundle -> bundle.getLocation().startsWith(TREE))
        .allMatch(bundle -> bundle.getState() == Bundle.ACTIVE || bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null);
  }

  /** Brings back what had settled, and clears away what the last process could not any more. */
  private void settleIn() throws IOException, Pause.Over {
    List<Map.Entry<Deployment, Path>> settled = new ArrayList<>();
    for (Path jar : folder.jars()) {
      String digest = Parcel.digest(jar);
      Optional<Deployment> last = ledger.last(digest);
      if (last.isEmpty()) {
        continue;
      }
      Deployment line = last.get();
      Optional<Deployment> current = ledger.standing(line.name());
      if (line.state() == State.REJECTED) {
        bounce(jar, line.why());
      } else if (line.state() == State.SETTLED && current.filter(c -> c.digest().equals(digest)).isPresent()) {
        settled.add(Map.entry(current.get(), jar));
      } else if (line.state() == State.SETTLED && current.isPresent() && Files.exists(archived(line))
          && Files.getLastModifiedTime(jar).toInstant().isBefore(current.get().at())) {
        Files.delete(jar);
      }
    }
    // who settled later may need who settled earlier
    settled.sort(Comparator.comparing(entry -> Long.parseLong(entry.getKey().id())));
    for (Map.Entry<Deployment, Path> entry : settled) {
      folder.take(entry.getValue());
      new Attempt(entry.getValue(), entry.getKey().id(), true).run();
    }
  }

  /** The folder itself deleted, or its disk gone for a moment, takes no plugin out. */
  private void keepFolder() throws IOException {
    if (!Files.isDirectory(deploy)) {
      LOG.warn("The deploy folder was gone; it is made again, with what stands. folder={} plugins={}", deploy, standing.size());
      Files.createDirectories(deploy);
      for (Standing one : standing.values()) {
        Optional<Deployment> line = ledger.last(one.digest);
        if (line.isPresent() && Files.exists(archived(line.get()))) {
          Files.copy(archived(line.get()), one.jar, StandardCopyOption.REPLACE_EXISTING);
          folder.take(one.jar);
        }
      }
    }
  }

  private Path archived(Deployment line) {
    return own.resolve("archive").resolve(line.name() + "-" + line.version() + "-" + line.digest().substring(0, 8) + ".jar");
  }

  private void bounce(Path jar, String why) throws IOException {
    Path rejected = Files.createDirectories(deploy.resolve("rejected"));
    String name = jar.getFileName().toString();
    Files.move(jar, rejected.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(rejected.resolve(name + ".why.txt"), why + System.lineSeparator());
    folder.forget(jar);
  }

  private void removed(Path jar) throws IOException {
    Optional<Standing> leaving = standing.values().stream().filter(one -> one.jar.equals(jar)).findFirst();
    if (leaving.isEmpty()) {
      return;
    }
    Standing one = leaving.get();
    standing.remove(one.name);
    String version = one.bundle.getVersion().toString();
    ledger.append(new Deployment(ledger.nextId(), one.name, version, one.digest, State.REMOVED, "", Instant.now()));
    String tree = treeLocations.remove(one.name);
    Hold hold = null;
    try {
      Bundle original = tree == null ? null : context.installBundle(tree);
      boolean exclusive = isExclusive(one.bundle) || (original != null && isExclusive(original));
      if (original != null && !exclusive) {
        start(original);
      }
      if (original != null && exclusive) {
        hold = Hold.begin(HOLD);
      }
      stop(one.bundle);
      if (original != null && exclusive) {
        start(original);
      }
      uninstall(one.bundle);
      LOG.info("A plugin was taken out. name={} version={} instead={}", one.name, version,
          original == null ? "nothing" : original.getVersion());
    } catch (BundleException | Rejected e) {
      LOG.error("A plugin could not be taken out in order. name={} version={}", one.name, version, e);
    } finally {
      if (hold != null) {
        hold.close();
      }
    }
  }

  // ---- bundles, which may hang

  private static boolean isExclusive(Bundle bundle) {
    String swap = bundle.getHeaders("").get(Parcel.SWAP);
    return swap != null && swap.trim().equals(Parcel.EXCLUSIVE);
  }

  private void start(Bundle bundle) throws Rejected {
    patiently("Its start", Duration.ofSeconds(Math.max(1, config.patience())), () -> {
      bundle.start(Bundle.START_TRANSIENT);
      return null;
    });
  }

  private void patiently(String what, Duration patience, java.util.concurrent.Callable<Void> work) throws Rejected {
    try {
      deadline.within(patience, what, work);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new Rejected("The platform is stopping.");
    }
  }

  /** Stops it; its leases drain meanwhile. One that hangs is left behind. */
  private void stop(Bundle bundle) {
    try {
      patiently("The stop of " + bundle.getSymbolicName(), STOP_PATIENCE, () -> {
        bundle.stop(Bundle.STOP_TRANSIENT);
        return null;
      });
    } catch (Rejected stuck) {
      LOG.warn("A bundle does not stop in order and is left behind. bundle={} cause={}", bundle, stuck.getMessage());
    }
  }

  private void uninstall(Bundle bundle) {
    try {
      patiently("The removal of " + bundle.getSymbolicName(), STOP_PATIENCE, () -> {
        if (bundle.getState() != Bundle.UNINSTALLED) {
          bundle.uninstall();
          Remains.of(bundle, context.getBundle(Constants.SYSTEM_BUNDLE_ID), runtime);
        }
        return null;
      });
    } catch (Rejected stuck) {
      LOG.warn("A bundle cannot be removed before the next start. bundle={} cause={}", bundle, stuck.getMessage());
    }
  }

  private List<Bundle> named(String name) {
    return Arrays.stream(context.getBundles()).filter(bundle -> name.equals(bundle.getSymbolicName()))
        .sorted(Comparator.comparingLong(Bundle::getBundleId)).toList();
  }

  private static String digestOf(Bundle bundle) {
    String location = bundle.getLocation();
    if (location.startsWith(LOCATION)) {
      return location.split(":")[1];
    }
    try {
      Path file = fileOf(bundle);
      return file == null ? "" : Parcel.digest(file);
    } catch (IOException unreadable) {
      return "";
    }
  }

  private static Path fileOf(Bundle bundle) {
    String location = bundle.getLocation();
    return location.startsWith(TREE + "file:") ? Path.of(URI.create(location.substring(TREE.length()))) : null;
  }

  /** One jar on its way. */
  private final class Attempt {
    private final Path jar;
    private final String id;
    private final boolean boot;
    private final Pause pause;
    private String name;
    private String version = "";
    private String digest = "";
    private List<Bundle> others = List.of();
    private Bundle incumbent;
    private Bundle newcomer;
    private boolean exclusive;
    private boolean promoted;
    private Hold hold;

    /** @param boot it had settled before the start: no ledger, no probation */
    Attempt(Path jar, String id, boolean boot) {
      this.jar = jar;
      this.id = id;
      this.boot = boot;
      this.pause = new Pause(closing, jar);
      this.name = jar.getFileName().toString();
    }

    void run() throws Pause.Over {
      Path staged = own.resolve("work").resolve(id + ".jar");
      try {
        deploy(staged);
      } catch (Rejected no) {
        end(State.REJECTED, no.getMessage());
      } catch (IOException | RuntimeException e) {
        LOG.error("A deployment broke off. jar={}", jar.getFileName(), e);
        end(State.REJECTED, "The caretaker could not go on: " + e);
      } catch (Pause.Over over) {
        if (!over.withdrawn()) {
          undo();
          throw over;
        }
        end(State.REMOVED, WITHDRAWN);
      } finally {
        try {
          Files.deleteIfExists(staged);
        } catch (IOException e) {
          LOG.warn("A working copy stays until the next start. file={}", staged);
        }
      }
    }

    private void deploy(Path staged) throws Rejected, IOException, Pause.Over {
      if (!Files.exists(jar)) {
        return;
      }
      // what is looked at is what is installed, whatever happens to the original meanwhile
      Files.copy(jar, staged, StandardCopyOption.REPLACE_EXISTING);
      digest = Parcel.digest(staged);
      Parcel parcel = Parcel.of(staged);
      name = parcel.name();
      version = parcel.version();
      Trust trust = new Trust(trusted, config.signatures());
      Optional<String> distrust = trust.complaint(staged, boot);
      if (distrust.isPresent() && trust.mode() == Trust.Mode.REQUIRE) {
        throw new Rejected(distrust.get());
      }
      note(State.RECEIVED, distrust.map(why -> "Warning: " + why).orElse(""));
      others = named(name);
      incumbent = others.stream().filter(bundle -> bundle.getState() == Bundle.ACTIVE).findFirst().orElse(null);
      if (incumbent != null && digestOf(incumbent).equals(digest)) {
        note(State.SETTLED, "It is running already; nothing to do.");
        if (incumbent.getLocation().startsWith(TREE)) {
          // left here it would stand in the way of the product's next version
          folder.forget(jar);
          Files.deleteIfExists(jar);
        } else {
          stands(incumbent);
        }
        return;
      }
      Swappable.check(name);
      Duration patience = Duration.ofSeconds(Math.max(1, config.patience()));
      Trial.Record record = pause.calm(() -> trial.record(incumbent, patience));
      trial.admit(parcel.rankings(), record);
      resolve(staged);
      note(State.RESOLVED, "");
      exclusive = incumbent != null && (parcel.exclusive() || isExclusive(incumbent));
      Set<String> downBefore = components.down(Set.of());
      boolean wasLive = health.picture().live();
      Probation probation = new Probation(name, Duration.ofSeconds(Math.max(0, config.probation())));
      if (exclusive) {
        // callers wait for whoever speaks next: the newcomer, or the incumbent again
        hold = Hold.begin(HOLD);
        promote();
        start(newcomer);
        trial.pass(newcomer, record, patience, pause);
        letGo();
      } else {
        note(State.TRIAL, "");
        start(newcomer);
        trial.pass(newcomer, record, patience, pause);
        if (incumbent != null) {
          promote();
        }
      }
      health.onTrial(newcomer.getBundleId(), false);
      if (!boot) {
        note(State.PROBATION, "");
        watch(record, probation, downBefore, wasLive);
        archive(staged);
      }
      note(State.SETTLED, "");
      settle();
    }

    private void resolve(Path staged) throws Rejected, IOException {
      try (InputStream in = Files.newInputStream(staged)) {
        newcomer = context.installBundle(LOCATION + digest + ":" + ++serial, in);
      } catch (BundleException e) {
        throw new Rejected("It cannot be installed: " + Deadline.root(e));
      }
      health.onTrial(newcomer.getBundleId(), true);
      Bundle system = context.getBundle(Constants.SYSTEM_BUNDLE_ID);
      if (!system.adapt(FrameworkWiring.class).resolveBundles(List.of(newcomer))) {
        throw new Rejected(Novel.of(newcomer, context));
      }
    }

    private void promote() throws IOException {
      note(State.PROMOTED, "");
      promoted = true;
      stop(incumbent);
    }

    private void watch(Trial.Record record, Probation probation, Set<String> downBefore, boolean wasLive) throws Rejected, Pause.Over {
      Duration patience = Duration.ofSeconds(Math.max(1, config.patience()));
      long length = TimeUnit.SECONDS.toNanos(Math.max(0, config.probation()));
      long end = System.nanoTime() + length;
      long step = Math.max(20, Math.min(1000, TimeUnit.NANOSECONDS.toMillis(length) / 10));
      do {
        if (length > 0) {
          pause.millis(step);
        }
        Optional<String> trouble = components.complaint(newcomer, record.components()).map(Components.Complaint::sentence);
        if (trouble.isEmpty()) {
          trouble = newcomer.getState() == Bundle.ACTIVE ? Optional.empty() : Optional.of("It was stopped.");
        }
        if (trouble.isEmpty()) {
          trouble = trial.sickness(newcomer, record, patience, pause);
        }
        if (trouble.isEmpty()) {
          trouble = probation.trouble();
        }
        if (trouble.isEmpty()) {
          trouble = components.down(Set.of(newcomer.getBundleId())).stream().filter(down -> !downBefore.contains(down)).sorted()
              .findFirst().map(down -> "Since it speaks, the component " + down + " misses something.");
        }
        if (trouble.isEmpty() && wasLive && !health.picture().live()) {
          trouble = Optional.of("Since it speaks, the platform is not live.");
        }
        if (trouble.isPresent()) {
          throw new Rejected("On probation: " + trouble.get());
        }
      } while (System.nanoTime() < end);
    }

    private void archive(Path staged) throws IOException {
      keep(staged, new Deployment(id, name, version, digest, State.SETTLED, "", Instant.now()));
      Path tree = incumbent == null ? null : fileOf(incumbent);
      if (tree != null && Files.exists(tree)) {
        // what came with the tree had settled long ago; the ledger says so, so that it can be rolled back to
        Deployment old = new Deployment(ledger.nextId(), name, incumbent.getVersion().toString(), digestOf(incumbent), State.SETTLED,
            "It came with the product.", Instant.now());
        keep(tree, old);
        if (ledger.standing(name).isEmpty()) {
          ledger.append(old);
        }
      }
    }

    private void keep(Path from, Deployment as) throws IOException {
      Path to = archived(as);
      if (!Files.exists(to)) {
        Path half = to.resolveSibling(to.getFileName() + ".part");
        Files.copy(from, half, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(half, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
        Files.move(half, to, StandardCopyOption.ATOMIC_MOVE);
      }
    }

    private void settle() {
      Bundle settled = newcomer;
      newcomer = null;
      for (Bundle old : others) {
        if (old.getLocation().startsWith(TREE)) {
          treeLocations.put(name, old.getLocation());
        }
        uninstall(old);
      }
      stands(settled);
      LOG.info("A plugin has settled. name={} version={} digest={}", name, version, digest.substring(0, 8));
    }

    private void stands(Bundle bundle) {
      Standing before = standing.put(name, new Standing(name, digest, jar, bundle));
      if (before != null && !before.jar.equals(jar) && folder.isAsTaken(before.jar)) {
        folder.forget(before.jar);
        try {
          Files.deleteIfExists(before.jar);
        } catch (IOException e) {
          LOG.warn("The jar of a former version stays in the folder. jar={}", before.jar);
        }
      }
    }

    private void end(State state, String why) {
      String told = promoted ? why + " The former version speaks again." : why;
      undo();
      try {
        ledger.append(new Deployment(id, name, version, digest, state, told, Instant.now()));
      } catch (IOException e) {
        LOG.error("The ledger cannot be written. name={} state={}", name, state, e);
      }
      LOG.info("A jar was not taken. jar={} name={} version={} state={} why={}", jar.getFileName(), name, version, state, told);
      try {
        if (!Files.exists(jar)) {
          folder.forget(jar);
        } else if (digest.isEmpty() || digest.equals(Parcel.digest(jar))) {
          bounce(jar, told);
        }
        // else another jar has been put in its place, and gets its own turn
      } catch (IOException e) {
        LOG.error("A rejected jar cannot be moved away. jar={}", jar, e);
      }
    }

    private void letGo() {
      if (hold != null) {
        hold.close();
        hold = null;
      }
    }

    private void undo() {
      try {
        bringBack();
      } finally {
        letGo();
      }
    }

    private void bringBack() {
      if (newcomer == null) {
        return;
      }
      if (promoted && exclusive && hold == null) {
        hold = Hold.begin(HOLD);
      }
      if (promoted && exclusive) {
        stop(newcomer);
      }
      if (promoted && incumbent.getState() != Bundle.ACTIVE && !stopping()) {
        try {
          start(incumbent);
        } catch (Rejected e) {
          LOG.error("The former version does not come up again. name={} version={} cause={}", name, incumbent.getVersion(), e.getMessage());
        }
      }
      if (!stopping()) {
        stop(newcomer);
        uninstall(newcomer);
      }
      health.onTrial(newcomer.getBundleId(), false);
      newcomer = null;
    }

    private boolean stopping() {
      return context.getBundle(Constants.SYSTEM_BUNDLE_ID).getState() == Bundle.STOPPING;
    }

    private void note(State state, String why) throws IOException {
      if (!boot) {
        ledger.append(new Deployment(id, name, version, digest, state, why, Instant.now()));
        LOG.info("A jar is on its way. state={} name={} version={} id={}", state, name, version, id);
      }
    }
  }
}
