package io.tollgate.queue.model;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentKeys;
import io.tollgate.credits.ledger.QuotaDay;
import io.tollgate.credits.ledger.QuoteId;
import io.tollgate.credits.model.LedgerModel;
import io.tollgate.credits.pricing.AfterQuota;
import io.tollgate.credits.pricing.DailyQuota;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.AttemptRef;
import io.tollgate.queue.job.BackendId;
import io.tollgate.queue.job.Delivery;
import io.tollgate.queue.job.DeliveryEvent;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.FairShare;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.DeliveryReport;
import io.tollgate.queue.job.JobCommand.IdempotencyKey;
import io.tollgate.queue.job.JobCommand.Offer;
import io.tollgate.queue.job.JobFilter;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobRecord;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.ModelLimit;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.QueueSwitch;
import io.tollgate.queue.job.QueuedJob;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.Slot;
import io.tollgate.queue.job.Transition;
import io.tollgate.queue.test.StoredDeliveries;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a queue with its ledger must do, written down a second time and as plainly as can be: one list of jobs that is
 * searched from end to end, counts that are counted, times as numbers. It shares no rule with the real one, so that the
 * two can disagree. Confined to one thread.
 */
final class Model {
    private static final long MINUTE = 60_000;
    private static final int JOBS_OF_A_USER = 8;
    private static final int JOBS_OF_HALF = 3;
    private static final int WAITING = 14;
    private static final int PER_MINUTE = 30;
    private static final int RUNS_LOST = 2;

    private LedgerModel ledger;
    /** In the order of submission. */
    private final Map<JobId, Job> jobs = new LinkedHashMap<>();

    private final Map<BackendId, NavigableMap<Integer, Optional<JobId>>> slots = new TreeMap<>();
    private final Map<ModelName, Integer> limits = new HashMap<>();
    private final Map<QueueName, QueueSwitch.Mode> modes = new HashMap<>();
    private final Map<UserId, Long> rates = new HashMap<>();
    private final Map<String, Request> requests = new HashMap<>();
    private final Map<DeliveryId, Message> messages = new LinkedHashMap<>();
    private final Map<QuoteId, Promise> promises = new HashMap<>();
    /** By user and workflow, then by day: the free runs that are had and under way, and the limit that was. */
    private Map<String, NavigableMap<Long, int[]>> runs = new HashMap<>();
    /** How far a fair queue's lane has come, and how far a user's jobs reach in it. */
    private final Map<String, Long> fair = new HashMap<>();

    private final Set<JobId> touched = new LinkedHashSet<>();
    private boolean paid;
    private long now;

    Model() {
        this(new LedgerModel());
    }

    private Model(LedgerModel ledger) {
        this.ledger = ledger;
    }

    /** A model that goes its own way from here. */
    Model copy() {
        Model copy = new Model(ledger.copy());
        jobs.forEach((id, job) -> copy.jobs.put(id, job.copy()));
        slots.forEach((backend, rooms) -> copy.slots.put(backend, new TreeMap<>(rooms)));
        copy.limits.putAll(limits);
        copy.modes.putAll(modes);
        copy.rates.putAll(rates);
        copy.requests.putAll(requests);
        messages.forEach((id, message) -> copy.messages.put(id, message.copy()));
        promises.forEach((id, promise) -> copy.promises.put(id, promise.copy()));
        copy.runs = copyOf(runs);
        copy.fair.putAll(fair);
        copy.touched.addAll(touched);
        copy.paid = paid;
        copy.now = now;
        return copy;
    }

    // ---- what happens

    /** Forgets what was touched so far. */
    void nextStep() {
        touched.clear();
        paid = false;
    }

    /** What no store shows until it decides something by it. */
    String hidden() {
        return new TreeMap<>(fair).toString();
    }

    /** A store may forget over a restart how late it was. */
    void restart() {
        now = 0;
    }

    /**
     * Does what a wish asks for.
     *
     * @param clock what the clock shows; a store's own time never goes back
     * @param told what the store answered; where it may choose, the model goes along with any right choice
     * @return what the answer is, in the words of {@link Told}
     */
    String apply(Wish wish, long clock, @Nullable String told) {
        now = Math.max(now, clock);
        if (wish instanceof Wish.OfLedger of) {
            paid |= !of.command().payments().equals(PaymentKeys.NONE);
            return ledger.apply(of.command(), now);
        }
        JobCommand<?> command = ((Wish.OfJobs) wish).command();
        touched.addAll(command.jobsToLoad());
        if (command instanceof JobCommand.Submit c) {
            return submit(c);
        } else if (command instanceof JobCommand.Claim c) {
            return claim(c);
        } else if (command instanceof JobCommand.Mark c) {
            return mark(c);
        } else if (command instanceof JobCommand.Succeed c) {
            return succeed(c);
        } else if (command instanceof JobCommand.Fail c) {
            return fail(c);
        } else if (command instanceof JobCommand.Cancel c) {
            return cancel(c);
        } else if (command instanceof JobCommand.Expire c) {
            return expire(c);
        } else if (command instanceof JobCommand.Promote c) {
            return promote(c);
        } else if (command instanceof JobCommand.Resolve c) {
            return resolve(c);
        } else if (command instanceof JobCommand.Renew c) {
            return renew(c);
        } else if (command instanceof JobCommand.TakeOver c) {
            return takeOver(c);
        } else if (command instanceof JobCommand.ProvideSlots c) {
            return provide(c);
        } else if (command instanceof JobCommand.SetLimit c) {
            limits.put(c.model(), c.limit().orElse(0));
            return "limit " + c.limit().orElse(0) + " running " + running(c.model());
        } else if (command instanceof JobCommand.SwitchQueue c) {
            modes.put(c.queue(), c.mode());
            return "queue " + c.mode() + " relaxed " + relaxed(c.queue());
        } else if (command instanceof JobCommand.TakeDeliveries c) {
            return take(c, told);
        } else if (command instanceof JobCommand.ReportDelivery c) {
            return report(c);
        } else if (command instanceof JobCommand.Redeliver c) {
            return redeliver(c);
        } else if (command instanceof JobCommand.MakeQuote c) {
            return quote(c);
        }
        throw new AssertionError("the model does not know " + command.getClass());
    }

    // ---- coming in

    private String submit(JobCommand.Submit c) {
        UserId user = c.user();
        String key = c.idempotency().map(of -> user + " " + of.key()).orElse("");
        Request known = requests.get(key);
        if (known != null) {
            return known.hash.equals(
                            c.idempotency().map(IdempotencyKey::requestHash).orElse(""))
                    ? "replayed " + words(known.jobs)
                    : "refused idempotency_key_reuse";
        }
        int count = c.jobs().size();
        for (JobSpec spec : c.jobs()) {
            if (mode(spec.queue()) == QueueSwitch.Mode.DRAINING) {
                return "refused closed " + spec.queue();
            }
        }
        if (count(job -> job.kind == JobState.Kind.QUEUED) + count > WAITING) {
            return "refused full " + WAITING;
        }
        String tier = ledger.tier(user, now);
        int most = tier.equals("half") ? JOBS_OF_HALF : JOBS_OF_A_USER;
        int live = count(job -> job.spec.user().equals(user) && !ended(job.kind));
        if (live + count > most) {
            return "refused many " + live + " of " + most;
        }
        long busyUntil = Math.max(rates.getOrDefault(user, 0L), now) + count * MINUTE / PER_MINUTE;
        if (busyUntil - now > MINUTE) {
            return "refused fast " + PER_MINUTE + " wait " + (busyUntil - now - MINUTE);
        }

        LedgerModel paid = ledger.copy();
        paid.renewTrial(
                user, World.TRIAL.credits().hundredths(), World.TRIAL.every().toMillis(), now);
        Map<String, NavigableMap<Long, int[]>> before = copyOf(runs);
        String told = submit(c, tier, paid);
        if (!told.equals("in")) {
            runs = before;
            c.jobs().forEach(spec -> coming.remove(spec.id()));
            return told;
        }
        ledger = paid;
        c.quote().ifPresent(use -> Objects.requireNonNull(promises.get(use.quote())).used = true);
        for (JobSpec spec : c.jobs()) {
            Coming terms = Objects.requireNonNull(coming.remove(spec.id()));
            String own = tier.equals("vip") || tier.equals("relaxed") ? tier : "regular";
            String lane = terms.unpaid ? "relaxed" : own;
            Job job = new Job(spec, lane, place(spec, lane), now);
            job.unpaid = terms.unpaid;
            job.freeRunOf = terms.freeRunOf;
            jobs.put(spec.id(), job);
            owe(job, DeliveryEvent.QUEUED);
        }
        rates.put(user, busyUntil);
        List<JobId> ids = c.jobs().stream().map(JobSpec::id).toList();
        c.idempotency().ifPresent(of -> requests.put(key, new Request(of.requestHash(), ids)));
        return "accepted " + words(ids);
    }

    /** What is decided about a job that comes in. */
    private record Coming(boolean unpaid, long freeRunOf) {}

    private static final long NONE = Long.MIN_VALUE;
    private final Map<JobId, Coming> coming = new HashMap<>();

    private String submit(JobCommand.Submit c, String tier, LedgerModel paid) {
        UserId user = c.user();
        Promise promise = c.quote().map(use -> promises.get(use.quote())).orElse(null);
        if (c.quote().isPresent()) {
            if (promise == null || !promise.user.equals(user)) {
                return "refused not_found";
            }
            if (!promise.body.equals(c.quote().get().requestHash())
                    || promise.nets.size() != c.jobs().size()) {
                return "refused invalid_input";
            }
            if (promise.used) {
                return "refused invalid_state";
            }
            if (promise.end <= now) {
                List<Long> nets = new ArrayList<>();
                String offer = offer(user, c.jobs(), tier, paid, nets, new ArrayList<>());
                return offer.isEmpty() ? "refused quote of " + sum(promise.nets) + " expired, now " + sum(nets) : offer;
            }
        }
        int unpaid = count(job -> job.unpaid && job.spec.user().equals(user) && !ended(job.kind));
        for (int i = 0; i < c.jobs().size(); i++) {
            JobSpec spec = c.jobs().get(i);
            if (jobs.containsKey(spec.id())) {
                return "error IllegalStateException";
            }
            long list = spec.tariff().list().hundredths();
            long day = freeDay(user, spec);
            boolean relaxed = false;
            long net = 0;
            boolean free = spec.tariff().free();
            if (!free && counted(spec, tier)) {
                DailyQuota quota = spec.tariff().quota().orElseThrow();
                if (taken(user, spec, day) < quota.perDay()) {
                    free = true;
                    take(user, spec, day, quota.perDay());
                    coming.put(spec.id(), new Coming(false, day));
                } else if (quota.then() == AfterQuota.REFUSE) {
                    if (promise == null) {
                        return "refused used up " + quota.perDay() + " until " + end(day);
                    }
                    net = list;
                } else if (quota.then() == AfterQuota.RELAXED) {
                    relaxed = true;
                } else {
                    net = price(list, tier, user);
                }
            } else if (!free) {
                net = price(list, tier, user);
            }
            if (promise != null && net > promise.nets.get(i)) {
                net = promise.nets.get(i);
                relaxed = promise.relaxed.get(i);
            }
            String held = paid.hold(hold(spec.id()), user, list, net, now);
            if (held.startsWith("insufficient") && spec.tariff().relaxed()) {
                relaxed = true;
                held = paid.hold(hold(spec.id()), user, list, 0, now);
            }
            if (held.startsWith("insufficient")) {
                return "refused credits" + held.substring("insufficient".length());
            } else if (held.startsWith("indebted")) {
                return "refused debt" + held.substring("indebted".length());
            } else if (!held.equals("held")) {
                return "error IllegalStateException";
            }
            if (relaxed && ++unpaid > World.RELAXED_PER_USER) {
                return "refused quota_exceeded";
            }
            boolean nothing = relaxed;
            coming.merge(spec.id(), new Coming(nothing, NONE), (was, is) -> new Coming(nothing, was.freeRunOf));
        }
        return "in";
    }

    private String quote(JobCommand.MakeQuote c) {
        UserId user = c.user();
        long open = promises.values().stream()
                .filter(one -> one.user.equals(user) && !one.used && one.end > now)
                .count();
        if (open >= c.openAtMost()) {
            return "refused rate_limited";
        }
        if (promises.containsKey(c.id())) {
            return "error IllegalStateException";
        }
        LedgerModel paid = ledger.copy();
        paid.renewTrial(
                user, World.TRIAL.credits().hundredths(), World.TRIAL.every().toMillis(), now);
        String tier = ledger.tier(user, now);
        List<Long> nets = new ArrayList<>();
        List<Boolean> relaxed = new ArrayList<>();
        long available = paid.spendable(user, now);
        String refusal = offer(user, c.jobs(), tier, paid, nets, relaxed);
        if (!refusal.isEmpty()) {
            return refusal;
        }
        long end = now + c.lifetime().toMillis();
        promises.put(c.id(), new Promise(user, c.requestHash(), nets, relaxed, end));
        List<String> words = new ArrayList<>();
        for (int i = 0; i < nets.size(); i++) {
            words.add(nets.get(i) + "/" + c.jobs().get(i).tariff().list().hundredths()
                    + (relaxed.get(i) ? " relaxed" : ""));
        }
        return "quoted " + String.join(", ", words) + " until " + end + " of " + available + " in "
                + (tier.equals("vip") || tier.equals("relaxed") ? tier : "regular");
    }

    /** What jobs would cost one after the other, and whether for being relaxed; or why one can't be had. */
    private String offer(
            UserId user, List<JobSpec> specs, String tier, LedgerModel paid, List<Long> nets, List<Boolean> relaxed) {
        Map<String, NavigableMap<Long, int[]>> before = copyOf(runs);
        long left = paid.spendable(user, now);
        try {
            for (JobSpec spec : specs) {
                long list = spec.tariff().list().hundredths();
                long net = spec.tariff().free() ? 0 : price(list, tier, user);
                boolean unpaid = false;
                if (!spec.tariff().free() && counted(spec, tier)) {
                    DailyQuota quota = spec.tariff().quota().orElseThrow();
                    long day = freeDay(user, spec);
                    if (taken(user, spec, day) < quota.perDay()) {
                        take(user, spec, day, quota.perDay());
                        net = 0;
                    } else if (quota.then() == AfterQuota.REFUSE) {
                        return "refused used up " + quota.perDay() + " until " + end(day);
                    } else if (quota.then() == AfterQuota.RELAXED) {
                        net = 0;
                        unpaid = true;
                    }
                }
                if (net > left && spec.tariff().relaxed()) {
                    net = 0;
                    unpaid = true;
                }
                left -= Math.min(net, left);
                nets.add(net);
                relaxed.add(unpaid);
            }
            return "";
        } finally {
            runs = before;
        }
    }

    private static long sum(List<Long> numbers) {
        return numbers.stream().mapToLong(Long::longValue).sum();
    }

    /** Whether a job's free runs are counted for someone of this tier. */
    private static boolean counted(JobSpec spec, String tier) {
        return spec.tariff().quota().isPresent() && !tier.equals("vip") && !tier.equals("relaxed");
    }

    private static String runsOf(UserId user, JobSpec spec) {
        return user + " " + spec.workflow();
    }

    private NavigableMap<Long, int[]> runs(UserId user, JobSpec spec) {
        return runs.computeIfAbsent(runsOf(user, spec), any -> new TreeMap<>());
    }

    /** Today, or the last day that was begun, if the clock went back. */
    private long freeDay(UserId user, JobSpec spec) {
        long today = Math.floorDiv(now + World.DAYS.getTotalSeconds() * 1000L, 86_400_000L);
        NavigableMap<Long, int[]> days = runs(user, spec);
        return days.isEmpty() ? today : Math.max(today, days.lastKey());
    }

    private static long end(long day) {
        return (day + 1) * 86_400_000L - World.DAYS.getTotalSeconds() * 1000L;
    }

    private int taken(UserId user, JobSpec spec, long day) {
        int[] known = runs(user, spec).getOrDefault(day, new int[3]);
        return known[0] + known[1];
    }

    private void take(UserId user, JobSpec spec, long day, int limit) {
        int[] known = runs(user, spec).computeIfAbsent(day, any -> new int[3]);
        known[1]++;
        known[2] = limit;
    }

    private static Map<String, NavigableMap<Long, int[]>> copyOf(Map<String, NavigableMap<Long, int[]>> runs) {
        Map<String, NavigableMap<Long, int[]>> copies = new HashMap<>();
        runs.forEach((whose, days) -> {
            NavigableMap<Long, int[]> copy = new TreeMap<>();
            days.forEach((day, counts) -> copy.put(day, counts.clone()));
            copies.put(whose, copy);
        });
        return copies;
    }

    private long price(long list, String tier, UserId user) {
        if (tier.equals("vip") || tier.equals("relaxed")) {
            return 0;
        }
        long ofTier = tier.equals("half") ? list - list * 33 / 100 : list;
        return ofTier - ofTier * ledger.percentOff(user, World.DAYS, now) / 100;
    }

    /** Each user in turn: behind the user's own last job, and not before the lane's present. */
    private long place(JobSpec spec, String lane) {
        if (!spec.queue().equals(World.QUEUES.get(1))) {
            return 0; // first in, first out
        }
        String reach = spec.queue() + " " + lane + " " + spec.user();
        long place = Math.max(fair.getOrDefault(spec.queue() + " " + lane, 0L), fair.getOrDefault(reach, 0L)) + 1;
        fair.put(reach, place);
        return place;
    }

    // ---- being run

    private String claim(JobCommand.Claim c) {
        List<String> claimed = new ArrayList<>();
        if (mode(c.queue()) == QueueSwitch.Mode.PAUSED) {
            return "claimed ";
        }
        int room = 0;
        for (Offer offer : c.offers()) {
            room += (int) slots(offer.backend()).keySet().stream()
                    .filter(index -> index < offer.slots())
                    .count();
        }
        Map<String, Long> reached = new HashMap<>();
        Map<BackendId, List<Job>> given = new HashMap<>();
        for (RunId run : c.runIds()) {
            Job best = null;
            for (Job job : jobs.values()) {
                boolean may = job.spec.queue().equals(c.queue())
                        && job.kind == JobState.Kind.QUEUED
                        && job.readyAt <= now
                        && running(job.spec.model()) < limit(job.spec.model(), c.queue())
                        && (!job.lane.equals("relaxed") || relaxed(c.queue()) < Math.max(1, room / 2))
                        && where(job, c.offers(), given) != null;
                if (may && (best == null || job.goesBefore(best))) {
                    best = job;
                }
            }
            if (best != null) {
                reached.merge(best.lane, best.place - 1, Math::max);
                Offer offer = Objects.requireNonNull(where(best, c.offers(), given));
                claimed.add(start(best, offer, c, run));
                given.computeIfAbsent(offer.backend(), none -> new ArrayList<>())
                        .add(best);
            }
        }
        if (c.queue().equals(World.QUEUES.get(1))) {
            reached.forEach((lane, place) ->
                    fair.merge(c.queue() + " " + lane, Math.min(place, firstThatWaits(c.queue(), lane)), Math::max));
        }
        return "claimed " + String.join(" ", claimed);
    }

    /** Where the first job of a lane stands that could be next of its kind, unless that was promoted. */
    private long firstThatWaits(QueueName queue, String lane) {
        Map<String, Job> heads = new HashMap<>();
        for (Job job : jobs.values()) {
            if (job.spec.queue().equals(queue)
                    && job.lane.equals(lane)
                    && job.kind == JobState.Kind.QUEUED
                    && job.readyAt <= now) {
                heads.merge(job.spec.model() + " " + job.spec.needs(), job, (a, b) -> b.goesBefore(a) ? b : a);
            }
        }
        return heads.values().stream()
                .filter(job -> !job.promoted)
                .mapToLong(job -> job.place - 1)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private String start(Job job, Offer offer, JobCommand.Claim c, RunId run) {
        int slot = firstFree(offer);
        slots(offer.backend()).put(slot, Optional.of(job.spec.id()));
        job.to(JobState.Kind.RUNNING);
        job.attempts++;
        owe(job, DeliveryEvent.STARTED);
        job.phase = Attempt.Phase.CLAIMED;
        job.run = run;
        job.backend = offer.backend();
        job.slot = slot;
        job.node = c.node();
        job.token = 1;
        job.leasedUntil = now + c.leaseTtl().toMillis();
        job.startedAt = -1;
        job.rights.add(job.right());
        touched.add(job.spec.id());
        return Told.of(job.right()) + "@" + offer.backend() + ":" + slot;
    }

    /**
     * The backend with room that will do, but the one to avoid only if no other does: the one with the least to do,
     * unless another has the model loaded and hardly more to do.
     *
     * @param given what was started there in this claim
     */
    private @Nullable Offer where(Job job, List<Offer> offers, Map<BackendId, List<Job>> given) {
        Offer avoided = null;
        List<Offer> could = new ArrayList<>();
        for (Offer offer : offers) {
            boolean does = job.spec.needs().types().contains(offer.type())
                    && offer.tags().containsAll(job.spec.needs().tagsByType().get(offer.type()))
                    && firstFree(offer) >= 0;
            if (does && !offer.backend().equals(job.avoid)) {
                could.add(offer);
            } else if (does) {
                avoided = offer;
            }
        }
        Optional<Offer> idlest = least(could, given);
        Optional<Offer> warm =
                least(could.stream().filter(offer -> isWarm(job, offer, given)).toList(), given);
        if (warm.isPresent()
                && waits(warm.get(), given) == waits(idlest.orElseThrow(), given)
                && runs(warm.get(), given) - runs(idlest.get(), given) <= 1) {
            return warm.get();
        }
        return idlest.orElse(avoided);
    }

    private static Optional<Offer> least(List<Offer> offers, Map<BackendId, List<Job>> given) {
        return offers.stream()
                .min(Comparator.<Offer, Boolean>comparing(offer -> waits(offer, given))
                        .thenComparing(offer -> runs(offer, given)));
    }

    private static int runs(Offer offer, Map<BackendId, List<Job>> given) {
        return offer.load().runs()
                + given.getOrDefault(offer.backend(), List.of()).size();
    }

    private static boolean waits(Offer offer, Map<BackendId, List<Job>> given) {
        return runs(offer, given) >= offer.load().abreast();
    }

    private static boolean isWarm(Job job, Offer offer, Map<BackendId, List<Job>> given) {
        List<Job> before = given.getOrDefault(offer.backend(), List.of());
        Optional<ModelName> loaded = before.isEmpty()
                ? offer.load().warm()
                : Optional.of(before.get(before.size() - 1).spec.model());
        return loaded.equals(Optional.of(job.spec.model()));
    }

    private int firstFree(Offer offer) {
        for (Map.Entry<Integer, Optional<JobId>> room : slots(offer.backend()).entrySet()) {
            if (room.getValue().isEmpty() && room.getKey() < offer.slots()) {
                return room.getKey();
            }
        }
        return -1;
    }

    private int limit(ModelName model, QueueName queue) {
        int set = limits.getOrDefault(model, 0);
        if (set > 0) {
            return set;
        }
        if (model.equals(World.MODELS.get(1))) {
            return 1;
        }
        return queue.equals(World.QUEUES.get(0)) ? 3 : 5;
    }

    private String mark(JobCommand.Mark c) {
        Job job = driven(c.attempt());
        if (job == null) {
            return "lease lost";
        }
        c.runId().ifPresent(run -> job.run = run);
        Attempt.Phase at = Objects.requireNonNull(job.phase);
        boolean further = switch (c.phase()) {
            case CLAIMED, ENDED -> false;
            case SUBMITTED -> at == Attempt.Phase.CLAIMED || at == Attempt.Phase.UNKNOWN;
            case STARTED, UNKNOWN, COLLECTING -> at != Attempt.Phase.COLLECTING;
        };
        if (further && c.phase() == Attempt.Phase.COLLECTING) {
            leave(job);
        }
        if (further) {
            job.phase = c.phase();
        }
        if (further && c.phase() == Attempt.Phase.STARTED && job.startedAt < 0) {
            job.startedAt = now;
        }
        return "done " + job;
    }

    private String renew(JobCommand.Renew c) {
        List<String> lost = new ArrayList<>();
        for (AttemptRef ref : c.attempts()) {
            Job job = driven(ref);
            if (job == null) {
                lost.add(Told.of(ref));
            } else {
                job.leasedUntil = now + c.leaseTtl().toMillis();
            }
        }
        return "lost " + String.join(" ", lost);
    }

    private String takeOver(JobCommand.TakeOver c) {
        Set<String> taken = new TreeSet<>();
        for (Job job : jobs.values()) {
            boolean own = c.own() && c.node().equals(job.node);
            if (active(job.kind) && (own || job.leasedUntil <= now)) {
                job.node = c.node();
                job.token++;
                job.leasedUntil = now + c.leaseTtl().toMillis();
                job.rights.add(job.right());
                touched.add(job.spec.id());
                taken.add(Told.of(job.right()) + "@" + job.backend + ":" + job.slot);
            }
        }
        return "took " + String.join(" ", taken);
    }

    // ---- coming to an end

    private String succeed(JobCommand.Succeed c) {
        Job job = driven(c.attempt());
        if (job == null) {
            return late(c);
        }
        leave(job);
        deliver(job, c.outputs().size(), c.expected());
        return "done " + job;
    }

    /** What somebody gave up by hand has come to a good end, and costs nothing. */
    private String late(JobCommand.Succeed c) {
        Job job = jobs.get(c.attempt().job());
        if (job == null
                || job.kind != JobState.Kind.FAILED
                || !job.givenUp
                || !job.right().equals(c.attempt())) {
            return "lease lost";
        }
        job.outputs = c.outputs().size();
        job.partial = job.outputs < c.expected();
        HoldId hold = hold(job.spec.id());
        long worth = ledger.listPrice(hold) * Math.min(job.outputs, c.expected()) / c.expected();
        if (!ledger.late(hold, worth, now).equals("late")) {
            throw new AssertionError("the model's own hold was late before");
        }
        owe(job, DeliveryEvent.OUTPUT);
        end(job, JobState.Kind.SUCCEEDED);
        return "done " + job;
    }

    private String fail(JobCommand.Fail c) {
        Job job = driven(c.attempt());
        if (job == null) {
            return "lease lost";
        }
        Failure.Kind why = c.failure().kind();
        leave(job);
        if (job.kind == JobState.Kind.CANCELING) {
            end(job, JobState.Kind.CANCELED, false);
            return "done " + job;
        }
        if (why == Failure.Kind.LOST) {
            job.lost++;
        }
        if (why != Failure.Kind.UNREACHABLE
                && why != Failure.Kind.RECALLED
                && (why != Failure.Kind.LOST || job.lost > RUNS_LOST)) {
            job.counted++;
        }
        boolean again = switch (why) {
            case BAD_WORKFLOW, BAD_INPUT, POLICY, CANCELED, EXPIRED, OPERATOR -> false;
            case PROTOCOL, BACKEND, INCAPABLE, RECALLED, OUT_OF_MEMORY, TIMEOUT, LOST, UNREACHABLE, STORAGE, INTERNAL ->
                true;
        };
        if (again && job.counted < c.retry().attempts()) {
            long wait = World.BACKOFF.toMillis();
            for (int i = 1; i < job.counted; i++) {
                wait *= 2;
            }
            wait = Math.min(wait, World.LONGEST_BACKOFF.toMillis());
            job.to(JobState.Kind.QUEUED);
            boolean recalled = why == Failure.Kind.RECALLED;
            job.readyAt = recalled ? now : now + (long) (wait * c.jitter());
            job.avoid = recalled ? null : job.backend;
        } else if (c.outputs().isEmpty()) {
            boolean theirs =
                    why == Failure.Kind.BAD_WORKFLOW || why == Failure.Kind.BAD_INPUT || why == Failure.Kind.POLICY;
            end(job, JobState.Kind.FAILED, !theirs && why != Failure.Kind.CANCELED);
        } else {
            deliver(job, c.outputs().size(), c.expected());
        }
        return "done " + job;
    }

    private String cancel(JobCommand.Cancel c) {
        Job job = jobs.get(c.job());
        if (job == null) {
            return "not found";
        }
        return switch (job.kind) {
            case QUEUED -> {
                end(job, JobState.Kind.CANCELED, false);
                yield "canceled " + job;
            }
            case RUNNING -> {
                job.to(JobState.Kind.CANCELING);
                yield "canceled " + job;
            }
            case CANCELING, CANCELED -> "canceled " + job;
            case SUCCEEDED, FAILED, EXPIRED -> "ended " + job;
        };
    }

    private String expire(JobCommand.Expire c) {
        Job job = jobs.get(c.job());
        boolean due = job != null
                && job.kind == JobState.Kind.QUEUED
                && job.spec.expiresAt().toEpochMilli() <= now;
        if (due) {
            end(Objects.requireNonNull(job), JobState.Kind.EXPIRED, true);
        }
        return String.valueOf(due);
    }

    private String promote(JobCommand.Promote c) {
        Job job = jobs.get(c.job());
        boolean may = job != null && job.kind == JobState.Kind.QUEUED && !job.promoted && !job.lane.equals("relaxed");
        if (may) {
            Objects.requireNonNull(job).promoted = true;
            job.history.add(JobState.Kind.QUEUED);
        }
        return String.valueOf(may);
    }

    private String resolve(JobCommand.Resolve c) {
        Job job = jobs.get(c.job());
        if (job == null) {
            return "refused not_found";
        }
        if (!active(job.kind) || (job.phase != Attempt.Phase.UNKNOWN && job.phase != Attempt.Phase.COLLECTING)) {
            return "refused state " + job.kind;
        }
        leave(job);
        job.firstMessage = World.BY_HAND;
        if (c.succeeded()) {
            capture(job, 1, 1);
            end(job, JobState.Kind.SUCCEEDED);
        } else {
            boolean stopped = job.kind == JobState.Kind.CANCELING;
            job.givenUp = !stopped;
            end(job, stopped ? JobState.Kind.CANCELED : JobState.Kind.FAILED, true);
        }
        return "resolved " + job;
    }

    private void deliver(Job job, int made, int expected) {
        job.outputs = made;
        job.partial = made < expected;
        capture(job, Math.min(made, expected), expected);
        owe(job, DeliveryEvent.OUTPUT);
        end(job, JobState.Kind.SUCCEEDED);
    }

    private void capture(Job job, int parts, int of) {
        HoldId hold = hold(job.spec.id());
        settled(ledger.capture(hold, ledger.held(hold) * parts / of, ledger.listPrice(hold) * parts / of, now));
        endRun(job, true);
    }

    private void end(Job job, JobState.Kind kind, boolean ourFault) {
        settled(ledger.release(hold(job.spec.id()), ourFault, now));
        endRun(job, false);
        end(job, kind);
    }

    private void endRun(Job job, boolean had) {
        if (job.freeRunOf != NONE) {
            int[] counts =
                    Objects.requireNonNull(runs(job.spec.user(), job.spec).get(job.freeRunOf));
            counts[1]--;
            counts[0] += had ? 1 : 0;
        }
    }

    private void end(Job job, JobState.Kind kind) {
        job.to(kind);
        job.endedAt = now;
        int number = World.number(job.spec.id());
        int first = job.firstMessage;
        owe(job, DeliveryEvent.valueOf(kind.name()), target -> World.delivery(number, first + target));
        job.firstMessage = 0;
    }

    /** What comes before an end has names that nobody brings. */
    private void owe(Job job, DeliveryEvent event) {
        owe(job, event, target -> DeliveryId.of(job.spec.id(), event, job.attempts, target));
    }

    private void owe(Job job, DeliveryEvent event, IntFunction<DeliveryId> ids) {
        for (int target = 0; target < job.spec.targets().size(); target++) {
            if (job.spec.targets().get(target).events().contains(event)) {
                Message message = new Message(job.spec.id(), target, event, now);
                if (beside(message).anyMatch(Message::isOwed)) {
                    message.state = Delivery.State.WAITING;
                    message.nextAt = now + message.patience();
                }
                messages.put(ids.apply(target), message);
            }
        }
    }

    /** All that a target was ever owed of a job, but this one, oldest first. */
    private Stream<Message> beside(Message message) {
        return messages.values().stream()
                .filter(other -> other != message && other.job.equals(message.job) && other.target == message.target);
    }

    private Stream<Message> before(Message message) {
        List<Message> all = new ArrayList<>(messages.values());
        return beside(message).filter(other -> all.indexOf(other) < all.indexOf(message));
    }

    private static void settled(String told) {
        if (!told.startsWith("settled")) {
            throw new AssertionError("the model's own hold: " + told);
        }
    }

    private void leave(Job job) {
        if (job.phase != Attempt.Phase.COLLECTING) {
            slots(Objects.requireNonNull(job.backend)).put(job.slot, Optional.empty());
        }
        job.phase = Attempt.Phase.ENDED;
    }

    // ---- limits and messages

    private String provide(JobCommand.ProvideSlots c) {
        NavigableMap<Integer, Optional<JobId>> rooms = slots(c.backend());
        rooms.entrySet()
                .removeIf(room -> room.getKey() >= c.slots() && room.getValue().isEmpty());
        for (int index = 0; index < c.slots(); index++) {
            rooms.putIfAbsent(index, Optional.empty());
        }
        List<String> words = new ArrayList<>();
        rooms.forEach(
                (index, job) -> words.add(index + ":" + job.map(World::number).orElse(0)));
        return "slots " + String.join(" ", words);
    }

    private String take(JobCommand.TakeDeliveries c, @Nullable String told) {
        Map<DeliveryId, Message> due = new LinkedHashMap<>();
        messages.forEach((id, message) -> {
            if (message.isOwed() && message.nextAt <= now) {
                due.put(id, message);
            }
        });
        // which of those that are due at the same time is the store's choice
        List<String> theirs = told == null ? List.of() : List.of(told.split(" ", -1));
        Comparator<DeliveryId> byTime = Comparator.comparingLong(id -> message(id).nextAt);
        Comparator<DeliveryId> theirsFirst = Comparator.comparingInt(
                id -> theirs.contains(World.name(id)) ? theirs.indexOf(World.name(id)) : theirs.size());
        Comparator<DeliveryId> waitingFirst =
                Comparator.comparing(id -> message(id).state == Delivery.State.WAITING ? 0 : 1);
        for (Comparator<DeliveryId> order : List.of(
                byTime.thenComparing(theirsFirst),
                byTime.thenComparing(waitingFirst).thenComparing(theirsFirst))) {
            Map<DeliveryId, Message> before = new LinkedHashMap<>();
            messages.forEach((id, message) -> before.put(id, message.copy()));
            String took =
                    take(due.keySet().stream().sorted(order).limit(c.limit()).toList(), c);
            if (took.equals(told)) {
                return took;
            }
            messages.putAll(before);
        }
        return take(due.keySet().stream().sorted(byTime).limit(c.limit()).toList(), c);
    }

    private Message message(DeliveryId id) {
        return Objects.requireNonNull(messages.get(id));
    }

    private String take(List<DeliveryId> due, JobCommand.TakeDeliveries c) {
        due.stream()
                .map(this::message)
                .filter(message -> message.state == Delivery.State.WAITING)
                .toList()
                .forEach(this::hasWaitedLong);
        List<String> words = new ArrayList<>();
        for (DeliveryId id : due) {
            Message message = message(id);
            if (message.state != Delivery.State.PENDING) {
                continue;
            }
            if (!message.again && before(message).anyMatch(other -> other.isOwed() && !other.again)) {
                throw new AssertionError("sent before what was owed earlier: " + message.event);
            }
            words.add(World.name(id));
            message.tries++;
            message.nextAt = now + c.holdFor().toMillis();
            message.handedOut.add(message.tries);
        }
        return "took " + String.join(" ", words);
    }

    /** An end goes before what is none; all others wait on. */
    private void hasWaitedLong(Message message) {
        List<Message> before = before(message).filter(Message::isOwed).toList();
        boolean end = DeliveryEvent.FINAL.contains(message.event);
        long sparedUntil = message.createdAt + 10 * MINUTE;
        boolean spares = before.stream()
                .anyMatch(other -> other.state == Delivery.State.PENDING && other.tries == 0 && now < sparedUntil);
        boolean behindAnEnd = before.stream().anyMatch(other -> DeliveryEvent.FINAL.contains(other.event));
        if (end ? behindAnEnd || spares : !before.isEmpty()) {
            message.nextAt = now + message.patience();
            if (end && now < sparedUntil) {
                message.nextAt = Math.min(message.nextAt, sparedUntil);
            }
        } else {
            before.forEach(other -> other.state = Delivery.State.DEAD);
            message.state = Delivery.State.PENDING;
            message.nextAt = now;
        }
    }

    private String report(JobCommand.ReportDelivery c) {
        Message message = messages.get(c.delivery());
        if (message == null || message.tries != c.tries()) {
            return "none";
        }
        if (message.state == Delivery.State.DEAD && c.report() instanceof DeliveryReport.Delivered) {
            message.state = Delivery.State.DELIVERED;
            return message.words(c.delivery());
        }
        if (message.state != Delivery.State.PENDING) {
            return "none";
        }
        if (c.report() instanceof DeliveryReport.Delivered) {
            message.state = Delivery.State.DELIVERED;
        } else if (c.report() instanceof DeliveryReport.GiveUp) {
            message.state = Delivery.State.DEAD;
        } else if (c.report() instanceof DeliveryReport.TryAgain again) {
            message.nextAt = now + again.after().toMillis();
        } else if (c.report() instanceof DeliveryReport.PutBack back) {
            message.tries--;
            message.nextAt = now + back.after().toMillis();
        }
        if (!message.isOwed()) {
            beside(message)
                    .filter(Message::isOwed)
                    .findFirst()
                    .filter(next -> next.state == Delivery.State.WAITING)
                    .ifPresent(next -> {
                        next.state = Delivery.State.PENDING;
                        next.nextAt = now;
                    });
        }
        return message.words(c.delivery());
    }

    private String redeliver(JobCommand.Redeliver c) {
        Message message = messages.get(c.delivery());
        if (message == null) {
            return "none";
        }
        if (message.state == Delivery.State.WAITING) {
            return message.words(c.delivery());
        }
        if (message.state != Delivery.State.PENDING) {
            message.tries = 0;
            message.again = true;
        }
        message.state = Delivery.State.PENDING;
        message.nextAt = now;
        return message.words(c.delivery());
    }

    // ---- what is there

    private @Nullable Job driven(AttemptRef ref) {
        Job job = jobs.get(ref.job());
        return job != null && active(job.kind) && job.right().equals(ref) ? job : null;
    }

    private QueueSwitch.Mode mode(QueueName queue) {
        return modes.getOrDefault(queue, QueueSwitch.Mode.OPEN);
    }

    private NavigableMap<Integer, Optional<JobId>> slots(BackendId backend) {
        return slots.computeIfAbsent(backend, any -> new TreeMap<>());
    }

    private int running(ModelName model) {
        return count(job -> hasSlot(job) && job.spec.model().equals(model));
    }

    private int relaxed(QueueName queue) {
        return count(job ->
                hasSlot(job) && job.lane.equals("relaxed") && job.spec.queue().equals(queue));
    }

    private static boolean hasSlot(Job job) {
        return active(job.kind) && job.phase != Attempt.Phase.COLLECTING;
    }

    private int count(Predicate<Job> which) {
        return (int) jobs.values().stream().filter(which).count();
    }

    private String words(List<JobId> ids) {
        List<String> words = new ArrayList<>();
        ids.forEach(id -> words.add(String.valueOf(jobs.get(id))));
        return String.join(" ", words);
    }

    private static boolean active(JobState.Kind kind) {
        return kind == JobState.Kind.RUNNING || kind == JobState.Kind.CANCELING;
    }

    private static boolean ended(JobState.Kind kind) {
        return kind != JobState.Kind.QUEUED && !active(kind);
    }

    private static HoldId hold(JobId job) {
        return new HoldId(job.value());
    }

    /** The numbers of the jobs that stand so, in the order of submission. */
    List<Integer> numbers(JobState.Kind... kinds) {
        List<Integer> found = new ArrayList<>();
        for (Job job : jobs.values()) {
            if (Arrays.asList(kinds).contains(job.kind)) {
                found.add(World.number(job.spec.id()));
            }
        }
        return found;
    }

    /** The times to come at which something ends or begins by itself, within a while, in order. */
    List<Long> turns(long clock) {
        Set<Long> turns = new TreeSet<>(ledger.ends());
        promises.values().forEach(promise -> turns.add(promise.end));
        messages.values().forEach(message -> turns.add(message.nextAt));
        for (Job job : jobs.values()) {
            if (!ended(job.kind)) {
                turns.add(active(job.kind) ? job.leasedUntil : job.readyAt);
                turns.add(job.spec.expiresAt().toEpochMilli());
            }
        }
        turns.add(end(Math.floorDiv(clock + World.DAYS.getTotalSeconds() * 1000L, 86_400_000L)));
        return turns.stream()
                .filter(turn -> turn > clock && turn <= clock + 2 * MINUTE)
                .toList();
    }

    /** The numbers of the jobs that somebody gave up by hand. */
    List<Integer> givenUp() {
        return jobs.values().stream()
                .filter(job -> job.kind == JobState.Kind.FAILED && job.givenUp)
                .map(job -> World.number(job.spec.id()))
                .toList();
    }

    /** The numbers of the payments that stand so. */
    List<Integer> payments(Payment.State state) {
        return ledger.payments(state).stream().map(World::number).toList();
    }

    /** The numbers of the jobs of whose run nobody can say anything. */
    List<Integer> unknown() {
        return jobs.values().stream()
                .filter(job -> active(job.kind)
                        && (job.phase == Attempt.Phase.UNKNOWN || job.phase == Attempt.Phase.COLLECTING))
                .map(job -> World.number(job.spec.id()))
                .toList();
    }

    /** The numbers of the jobs that waited too long. */
    List<Integer> due() {
        return jobs.values().stream()
                .filter(job ->
                        job.kind == JobState.Kind.QUEUED && job.spec.expiresAt().toEpochMilli() <= now)
                .map(job -> World.number(job.spec.id()))
                .toList();
    }

    /**
     * The right to drive a job that was given last, or one before; a likely one if there is none.
     *
     * @param back how many rights before the last
     */
    AttemptRef right(int job, int back) {
        Job found = jobs.get(World.job(job));
        if (found == null || back >= found.rights.size()) {
            return new AttemptRef(World.job(job), 1, 1 + back); // which is what the first one would be
        }
        return found.rights.get(found.rights.size() - 1 - back);
    }

    /** The number of the try at a message that was handed out last, or one before. */
    int tries(DeliveryId delivery, int back) {
        Message message = messages.get(delivery);
        return message == null || back >= message.handedOut.size()
                ? 1
                : message.handedOut.get(message.handedOut.size() - 1 - back);
    }

    // ---- comparing with a store

    /** In what a store is not as it should be after a step, if it isn't: all that lives, and what was touched. */
    <S extends JobStore & LedgerStore> Optional<String> difference(S store, Collection<UserId> users) {
        Set<UserId> concerned = new LinkedHashSet<>(users);
        touched.forEach(id -> Optional.ofNullable(jobs.get(id)).ifPresent(job -> concerned.add(job.spec.user())));
        return living(store)
                .or(() -> rooms(store))
                .or(() -> inOrder(store))
                .or(() -> first(touched, id -> job(store, id)))
                .or(() -> first(concerned, user -> ledger.difference(store, user, 4)))
                .or(() -> first(concerned, user -> freeRuns(store, user)))
                .or(() -> paid ? ledger.differenceOfPayments(store) : Optional.empty());
    }

    /** Jobs that came and ended in one race are numbered in the order that explains it, too. */
    private Optional<String> inOrder(JobStore store) {
        List<Long> numbers = new ArrayList<>();
        for (JobId id : jobs.keySet()) {
            if (touched.contains(id)) {
                store.find(id).ifPresent(found -> numbers.add(found.job().seq()));
            }
        }
        return differ("numbers of jobs", numbers.stream().sorted().toList(), numbers);
    }

    private Optional<String> freeRuns(LedgerStore store, UserId user) {
        Set<String> expected = new TreeSet<>();
        runs.forEach((whose, days) -> days.forEach((day, counts) -> {
            if (whose.startsWith(user + " ")) {
                expected.add(whose + " on " + day + ": " + counts[0] + " and " + counts[1] + " of " + counts[2]
                        + (day.equals(days.lastKey()) ? " latest" : ""));
            }
        }));
        Set<String> real = new TreeSet<>();
        for (QuotaDay day : store.quotas(user, 1000)) {
            real.add(day.user() + " " + day.product() + " on " + day.day().toEpochDay() + ": " + day.used() + " and "
                    + day.held() + " of " + day.limit() + (day.latest() ? " latest" : ""));
        }
        return differ("free runs of " + user, expected, real);
    }

    /** In what a store is not as it should be at all, if it isn't. */
    <S extends JobStore & LedgerStore> Optional<String> everyDifference(S store) {
        List<JobId> newestFirst = new ArrayList<>(jobs.keySet());
        java.util.Collections.reverse(newestFirst);
        Map<DeliveryId, String> owed = new TreeMap<>(Comparator.comparing(DeliveryId::value));
        messages.forEach((id, message) -> owed.put(id, message.words(id)));
        Map<DeliveryId, String> real = new TreeMap<>(Comparator.comparing(DeliveryId::value));
        StoredDeliveries.of(store, Optional.empty(), 10_000).forEach(one -> real.put(one.id(), Told.of(one)));
        return living(store)
                .or(() -> rooms(store))
                .or(() -> differ(
                        "all jobs",
                        newestFirst,
                        store.list(JobFilter.ALL, Optional.empty(), 10_000).stream()
                                .map(found -> found.job().id())
                                .toList()))
                .or(() -> first(jobs.keySet(), id -> job(store, id)))
                .or(() -> first(World.USERS, user -> ledger.difference(store, user, 10_000)))
                .or(() -> first(World.USERS, user -> freeRuns(store, user)))
                .or(() -> ledger.differenceOfPayments(store))
                .or(() -> differ(
                        "deliveries", owed.values().toString(), real.values().toString()))
                .or(() -> differ("findings", looseHolds(), findings(store)));
    }

    private Set<String> looseHolds() {
        Set<String> loose = new TreeSet<>();
        for (HoldId open : ledger.open()) {
            if (!jobs.containsKey(new JobId(open.value()))) {
                loose.add("hold-has-job " + open);
            }
        }
        return loose;
    }

    private static <S extends JobStore & LedgerStore> Set<String> findings(S store) {
        Set<String> findings = new TreeSet<>();
        store.audit().findings().forEach(one -> findings.add(one.rule() + " " + one.subject()));
        store.auditLedger().findings().forEach(one -> findings.add("ledger " + one.rule() + " " + one.subject()));
        return findings;
    }

    private Optional<String> living(JobStore store) {
        List<String> live = new ArrayList<>();
        List<Long> order = new ArrayList<>();
        store.forEachLive(job -> {
            live.add(words(job));
            order.add(job.seq());
        });
        List<String> expected = new ArrayList<>();
        Set<String> runs = new TreeSet<>();
        for (Job job : jobs.values()) {
            if (!ended(job.kind)) {
                expected.add(job.words());
            }
            if (active(job.kind)) {
                runs.add(job.attempt());
            }
        }
        Set<String> running = new TreeSet<>();
        store.running().forEach(attempt -> running.add(words(attempt)));
        return differ("live jobs", expected, live)
                .or(() -> differ("numbers in line", order.stream().sorted().toList(), order))
                .or(() -> differ("running attempts", runs, running));
    }

    private Optional<String> rooms(JobStore store) {
        Set<String> expected = new TreeSet<>();
        slots.forEach(
                (backend, rooms) -> rooms.forEach((index, job) -> expected.add(backend + ":" + index + " " + job)));
        Set<String> real = new TreeSet<>();
        for (Slot slot : store.slots()) {
            real.add(slot.backend() + ":" + slot.index() + " " + slot.job());
        }
        Set<String> counts = new TreeSet<>();
        for (ModelName model : World.MODELS) {
            counts.add(model + " " + limits.getOrDefault(model, 0) + " " + running(model));
        }
        for (QueueName queue : World.QUEUES) {
            counts.add(queue + " " + mode(queue) + " " + relaxed(queue));
        }
        Map<Object, String> real2 = new HashMap<>();
        World.MODELS.forEach(model -> real2.put(model, model + " 0 0"));
        World.QUEUES.forEach(queue -> real2.put(queue, queue + " OPEN 0"));
        for (ModelLimit model : store.models()) {
            real2.put(model.model(), model.model() + " " + model.set().orElse(0) + " " + model.running());
        }
        for (QueueSwitch queue : store.queues()) {
            real2.put(queue.queue(), queue.queue() + " " + queue.mode() + " " + queue.relaxedRunning());
        }
        return differ("slots", expected, real).or(() -> differ("counts", counts, new TreeSet<>(real2.values())));
    }

    private <S extends JobStore & LedgerStore> Optional<String> job(S store, JobId id) {
        Job expected = jobs.get(id);
        JobRecord found = store.find(id).orElse(null);
        if (expected == null || found == null) {
            return differ(
                    "job " + World.number(id), expected == null ? "none" : "there", found == null ? "none" : "there");
        }
        List<JobState.Kind> history = new ArrayList<>();
        for (Transition line : found.history()) {
            history.add(line.to());
        }
        List<Integer> outputs = new ArrayList<>();
        for (Output output : found.outputs()) {
            outputs.add(output.index());
        }
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < expected.outputs; i++) {
            numbers.add(i);
        }
        String name = "job " + World.number(id);
        return differ(name, expected.words(), words(found.job()))
                .or(() -> differ("history of " + name, expected.history, history))
                .or(() -> differ("outputs of " + name, numbers, outputs))
                .or(() -> differ(
                        "attempts of " + name,
                        expected.attempts,
                        found.attempts().size()))
                .or(() -> expected.attempts == 0
                        ? Optional.empty()
                        : differ(
                                "last attempt of " + name,
                                expected.attempt(),
                                words(found.attempts().get(expected.attempts - 1))))
                .or(() -> ledger.difference(store, hold(id)));
    }

    private static String words(QueuedJob job) {
        String state = switch (job.kind()) {
            case QUEUED -> {
                JobState.Queued queued = (JobState.Queued) job.state();
                yield "ready " + queued.readyAt().toEpochMilli() + " avoid "
                        + queued.avoid().map(BackendId::toString).orElse("none");
            }
            case RUNNING, CANCELING -> "";
            case SUCCEEDED ->
                "at " + at(job.endedAt()) + (((JobState.Succeeded) job.state()).partial() ? " partial" : "");
            case FAILED, CANCELED, EXPIRED -> "at " + at(job.endedAt());
        };
        boolean fair = job.spec().queue().equals(World.QUEUES.get(1));
        return World.number(job.id()) + "=" + job.kind() + " " + state + " "
                + job.lane().word()
                + (fair ? " place " + job.order() / FairShare.SCALE : "")
                + (job.promoted() ? " promoted" : "") + " attempts " + job.attempts() + " counted " + job.counted()
                + " lost " + job.lost();
    }

    private static long at(Optional<Instant> time) {
        return time.map(Instant::toEpochMilli).orElse(-1L);
    }

    private static String words(Attempt attempt) {
        return Told.of(attempt.ref()) + " " + attempt.phase() + " on " + attempt.backend() + ":" + attempt.slot()
                + " as " + attempt.runId() + " by " + attempt.lease().node() + " until "
                + attempt.lease().until().toEpochMilli() + " started " + at(attempt.startedAt());
    }

    private static <T> Optional<String> first(
            Collection<T> all, java.util.function.Function<T, Optional<String>> look) {
        for (T one : all) {
            Optional<String> difference = look.apply(one);
            if (difference.isPresent()) {
                return difference;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> differ(String what, Object expected, Object actual) {
        return expected.equals(actual)
                ? Optional.empty()
                : Optional.of(what + "\n    should be " + expected + "\n    but is    " + actual);
    }

    /** A price that was promised. */
    private static final class Promise {
        private final UserId user;
        private final String body;
        private final List<Long> nets;
        private final List<Boolean> relaxed;
        private final long end;
        private boolean used;

        private Promise(UserId user, String body, List<Long> nets, List<Boolean> relaxed, long end) {
            this.user = user;
            this.body = body;
            this.nets = List.copyOf(nets);
            this.relaxed = List.copyOf(relaxed);
            this.end = end;
        }

        private Promise copy() {
            Promise copy = new Promise(user, body, nets, relaxed, end);
            copy.used = used;
            return copy;
        }
    }

    /** A request that has a key. */
    private record Request(String hash, List<JobId> jobs) {}

    /** A job, as the model sees it. */
    private static final class Job {
        private final JobSpec spec;
        private final String lane;
        private final long place;
        private final List<JobState.Kind> history = new ArrayList<>();
        /** Every right to drive it that was ever given. */
        private final List<AttemptRef> rights = new ArrayList<>();

        private JobState.Kind kind = JobState.Kind.QUEUED;
        private boolean promoted;
        private long readyAt;
        private @Nullable BackendId avoid;
        private int attempts;
        private int counted;
        private int lost;
        private int outputs;
        private boolean partial;
        private boolean givenUp;
        private boolean unpaid;
        private long freeRunOf = NONE;
        /** The number of the first message of its next end. */
        private int firstMessage;

        private long endedAt;
        private Attempt.@Nullable Phase phase;
        private @Nullable RunId run;
        private @Nullable BackendId backend;
        private int slot;
        private @Nullable NodeId node;
        private long token;
        private long leasedUntil;
        private long startedAt;

        private Job(JobSpec spec, String lane, long place, long readyAt) {
            this.spec = spec;
            this.lane = lane;
            this.place = place;
            this.readyAt = readyAt;
            history.add(kind);
        }

        private Job copy() {
            Job copy = new Job(spec, lane, place, readyAt);
            copy.history.clear();
            copy.history.addAll(history);
            copy.rights.addAll(rights);
            copy.kind = kind;
            copy.promoted = promoted;
            copy.avoid = avoid;
            copy.attempts = attempts;
            copy.counted = counted;
            copy.lost = lost;
            copy.outputs = outputs;
            copy.partial = partial;
            copy.givenUp = givenUp;
            copy.unpaid = unpaid;
            copy.freeRunOf = freeRunOf;
            copy.firstMessage = firstMessage;
            copy.endedAt = endedAt;
            copy.phase = phase;
            copy.run = run;
            copy.backend = backend;
            copy.slot = slot;
            copy.node = node;
            copy.token = token;
            copy.leasedUntil = leasedUntil;
            copy.startedAt = startedAt;
            return copy;
        }

        private void to(JobState.Kind next) {
            kind = next;
            history.add(next);
        }

        private AttemptRef right() {
            return new AttemptRef(spec.id(), attempts, token);
        }

        /** Whether it is claimed before one that came in earlier. */
        private boolean goesBefore(Job earlier) {
            if (rank() != earlier.rank()) {
                return rank() < earlier.rank();
            }
            if (promoted) {
                return false;
            }
            if (spec.priority() != earlier.spec.priority()) {
                return spec.priority() > earlier.spec.priority();
            }
            return place < earlier.place;
        }

        private int rank() {
            if (promoted) {
                return 0;
            }
            return switch (lane) {
                case "vip" -> 1;
                case "regular" -> 2;
                default -> 3;
            };
        }

        private String words() {
            String state = switch (kind) {
                case QUEUED -> "ready " + readyAt + " avoid " + (avoid == null ? "none" : avoid);
                case RUNNING, CANCELING -> "";
                case SUCCEEDED -> "at " + endedAt + (partial ? " partial" : "");
                case FAILED, CANCELED, EXPIRED -> "at " + endedAt;
            };
            return this + " " + state + " " + lane + (place == 0 ? "" : " place " + place)
                    + (promoted ? " promoted" : "") + " attempts " + attempts + " counted " + counted + " lost " + lost;
        }

        private String attempt() {
            return Told.of(right()) + " " + phase + " on " + backend + ":" + slot + " as " + run + " by " + node
                    + " until " + leasedUntil + " started " + startedAt;
        }

        @Override
        public String toString() {
            return World.number(spec.id()) + "=" + kind;
        }
    }

    /** A message that is owed, as the model sees it. */
    private static final class Message {
        private final JobId job;
        private final int target;
        private final DeliveryEvent event;
        private final List<Integer> handedOut = new ArrayList<>();
        private Delivery.State state = Delivery.State.PENDING;
        private int tries;
        private final long createdAt;
        private long nextAt;
        /** Whether it was sent again by hand, which is outside of all order. */
        private boolean again;

        private Message(JobId job, int target, DeliveryEvent event, long createdAt) {
            this.job = job;
            this.target = target;
            this.event = event;
            this.createdAt = createdAt;
            this.nextAt = createdAt;
        }

        private Message copy() {
            Message copy = new Message(job, target, event, createdAt);
            copy.nextAt = nextAt;
            copy.handedOut.addAll(handedOut);
            copy.state = state;
            copy.tries = tries;
            copy.again = again;
            return copy;
        }

        private boolean isOwed() {
            return state == Delivery.State.PENDING || state == Delivery.State.WAITING;
        }

        private long patience() {
            return DeliveryEvent.FINAL.contains(event) ? MINUTE : 24 * 60 * MINUTE;
        }

        private String words(DeliveryId id) {
            return World.name(id) + " " + event + " " + state + " tries " + tries + " next " + nextAt;
        }
    }
}
