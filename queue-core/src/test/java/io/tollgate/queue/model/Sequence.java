package io.tollgate.queue.model;

import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.job.Attempt;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.JobState;
import io.tollgate.queue.job.QueueSwitch;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Commands by a seed, always the same. A model goes along, so that most commands concern a job that they can do
 * something to. Confined to one thread.
 */
final class Sequence {
    private static final int HOLDS = 900_000;

    private final Random random;
    private final MutableClock clock = new MutableClock();
    private final Steps steps = new Steps(clock);
    private final Model model = new Model();
    private final List<Command> commands = new ArrayList<>();
    private final List<Supplier<Command>> choices = new ArrayList<>();
    /** What follows without choice. */
    private final Deque<Supplier<Command>> next = new ArrayDeque<>();

    private int jobs;
    private int holds;
    private int quotes;
    private int invoices;
    private int payments;

    private Sequence(long seed) {
        random = new Random(seed);
        choose(16, this::submit);
        choose(4, this::replay);
        choose(4, this::quote);
        choose(4, this::underAQuote);
        choose(16, this::claim);
        choose(8, this::mark);
        choose(9, this::succeed);
        choose(10, this::fail);
        choose(4, () -> new Command.Cancel(job(live(), 10)));
        choose(4, () -> new Command.Expire(job(model.due().isEmpty() ? queued() : model.due(), 10)));
        choose(3, () -> new Command.Promote(job(queued(), 10)));
        choose(4, this::lookFor);
        choose(3, this::givenUp);
        choose(2, () -> new Command.Renew(random.nextInt(2), List.of(job(running(), 10)), back()));
        choose(3, () -> new Command.TakeOver(random.nextInt(2), random.nextInt(3) == 0));
        choose(2, () -> new Command.Slots(random.nextInt(2), random.nextInt(5)));
        choose(2, () -> new Command.Limit(random.nextInt(2), random.nextInt(4)));
        choose(3, this::switchQueue);
        choose(3, () -> new Command.Take(1 + random.nextInt(3)));
        choose(3, this::report);
        choose(1, () -> new Command.Redeliver(job(ended(), 10), target()));
        choose(5, this::grant);
        choose(
                2,
                () -> new Command.Adjust(
                        random.nextInt(3),
                        (random.nextBoolean() ? 1 : -1) * (50 + 50 * random.nextInt(6)),
                        random.nextInt(40)));
        choose(
                3,
                () -> new Command.Assign(
                        random.nextInt(3), random.nextInt(World.TIERS.size()), random.nextInt(3) == 0 ? soon() : 0));
        choose(1, this::tierThatEnds);
        choose(1, () -> new Command.ExpireGrants(random.nextInt(3)));
        choose(
                2,
                () -> new Command.Draw(
                        random.nextInt(3), random.nextInt(10_000), random.nextBoolean() ? 1 + random.nextInt(9) : 0));
        choose(
                1,
                () -> new Command.Opening(
                        random.nextInt(3), random.nextInt(6), 100 + 100 * random.nextInt(2), random.nextInt(3)));
        choose(2, this::looseHold);
        choose(10, this::payment);
        choose(18, this::advance);
        choose(1, Command.Restart::new);
        choose(3, this::again);
        choose(9, this::race);
    }

    /** The commands of a seed: a few that make a start, then so many that are random. */
    static List<Command> of(long seed, int steps) {
        Sequence sequence = new Sequence(seed);
        sequence.add(new Command.Slots(0, 3));
        sequence.add(new Command.Slots(1, 2));
        for (int user = 0; user < World.USERS.size(); user++) {
            if ((seed + user) % 2 == 0) {
                sequence.add(new Command.Grant(user, GrantSource.BONUS, 1000 + user, 2000, 0));
            } else {
                // what is paid is spent last, so that only who has nothing else comes to owe it
                sequence.add(new Command.Bill(++sequence.invoices, user, 100, 1000));
                sequence.add(new Command.Pay(++sequence.payments, user, sequence.invoices, 100));
            }
        }
        for (int i = 0; i < steps; i++) {
            Supplier<Command> next = sequence.next.poll();
            sequence.add((next == null ? sequence.one(sequence.choices) : next).get());
        }
        return List.copyOf(sequence.commands);
    }

    private void choose(int weight, Supplier<Command> choice) {
        for (int i = 0; i < weight; i++) {
            choices.add(choice);
        }
    }

    private void add(Command command) {
        commands.add(command);
        goAlong(command);
    }

    private void goAlong(Command command) {
        if (command instanceof Command.Advance advance) {
            clock.advance(Duration.ofMillis(advance.millis()));
        } else if (command instanceof Command.Race race) {
            race.commands().forEach(this::goAlong);
        } else if (!(command instanceof Command.Restart)) {
            model.apply(steps.wish(command, model), clock.millis(), null);
        }
    }

    // ---- commands

    private Command submit() {
        return submit(random.nextInt(3));
    }

    private Command submit(int user) {
        List<Command.Plan> plans = new ArrayList<>();
        for (int i = random.nextInt(4) == 0 ? random.nextInt(3) : 0; i >= 0; i--) {
            plans.add(plan());
        }
        boolean keyed = random.nextInt(4) == 0;
        return new Command.Submit(user, List.copyOf(plans), keyed ? 1 + random.nextInt(20) : 0, random.nextInt(2), 0);
    }

    private Command.Plan plan() {
        return new Command.Plan(
                ++jobs,
                random.nextInt(2),
                random.nextInt(2),
                random.nextInt(2),
                random.nextInt(9) * 37,
                random.nextInt(2) == 0 ? 0 : random.nextInt(World.TERMS.size()),
                random.nextInt(4) == 0 ? random.nextInt(3) - 1 : 0,
                random.nextInt(3) == 0 ? random.nextInt(30) : 3600,
                random.nextInt(3));
    }

    /** A request under the key of an earlier one: the same, or altered. */
    private Command replay() {
        for (int i = commands.size() - 1; i >= 0; i--) {
            if (commands.get(i) instanceof Command.Submit earlier && earlier.key() != 0 && random.nextBoolean()) {
                return new Command.Submit(
                        earlier.user(),
                        random.nextBoolean() ? earlier.jobs() : List.of(plan()),
                        earlier.key(),
                        random.nextInt(3) == 0 ? 1 - earlier.body() : earlier.body(),
                        earlier.quote());
            }
        }
        return submit();
    }

    private Command quote() {
        List<Command.Plan> plans = new ArrayList<>();
        for (int i = random.nextInt(2); i >= 0; i--) {
            plans.add(plan());
        }
        boolean again = quotes > 0 && random.nextInt(12) == 0;
        return new Command.Quote(again ? quotes : ++quotes, random.nextInt(3), List.copyOf(plans), random.nextInt(2));
    }

    /** What was quoted, or nearly that: of somebody else, of other jobs, of another request. */
    private Command underAQuote() {
        int back = random.nextInt(4);
        for (int i = commands.size() - 1; i >= 0; i--) {
            if (commands.get(i) instanceof Command.Quote earlier && back-- == 0) {
                List<Command.Plan> plans = new ArrayList<>();
                for (int j = 0; j < earlier.jobs().size(); j++) {
                    Command.Plan plan = earlier.jobs().get(j);
                    Command.Plan other = plan();
                    plans.add(new Command.Plan(
                            other.job(),
                            plan.queue(),
                            plan.model(),
                            plan.needs(),
                            random.nextInt(4) == 0 ? other.price() : plan.price(),
                            random.nextInt(6) == 0 ? other.terms() : plan.terms(),
                            plan.priority(),
                            plan.patience(),
                            plan.targets()));
                }
                return new Command.Submit(
                        random.nextInt(10) == 0 ? random.nextInt(3) : earlier.user(),
                        random.nextInt(10) == 0 ? List.of(plan()) : List.copyOf(plans),
                        random.nextInt(4) == 0 ? 1 + random.nextInt(20) : 0,
                        random.nextInt(8) == 0 ? 1 - earlier.body() : earlier.body(),
                        earlier.quote());
            }
        }
        return quote();
    }

    private Command claim() {
        List<Integer> offers = one(List.of(List.of(0, 1), List.of(1, 0), List.of(0), List.of(1)));
        return new Command.Claim(
                random.nextInt(2),
                random.nextInt(2),
                offers,
                random.nextInt(4) == 0 ? random.nextInt(3) : 1000,
                List.of(random.nextInt(World.LOADS), random.nextInt(World.LOADS)),
                1 + random.nextInt(3));
    }

    private Command mark() {
        Attempt.Phase phase = one(List.of(
                Attempt.Phase.CLAIMED,
                Attempt.Phase.SUBMITTED,
                Attempt.Phase.STARTED,
                Attempt.Phase.UNKNOWN,
                Attempt.Phase.COLLECTING));
        return new Command.Mark(job(running(), 10), back(), phase, random.nextInt(6) == 0);
    }

    private Command succeed() {
        return succeed(job(running(), 20));
    }

    private Command succeed(int job) {
        return new Command.Succeed(job, back(), 1 + random.nextInt(3), 1 + random.nextInt(3));
    }

    private Command fail() {
        return fail(job(running(), 20));
    }

    private Command fail(int job) {
        return new Command.Fail(
                job,
                back(),
                one(List.copyOf(EnumSet.complementOf(EnumSet.of(Failure.Kind.OPERATOR)))),
                random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0,
                2,
                1 + random.nextInt(4),
                random.nextInt(101));
    }

    /** Nobody knows what became of a run, or somebody decides it. */
    private Command lookFor() {
        return random.nextBoolean()
                ? new Command.Mark(job(running(), 20), 0, Attempt.Phase.UNKNOWN, false)
                : new Command.Resolve(job(running(), 10), random.nextBoolean());
    }

    /** What somebody gave up by hand comes to a good end, or is given up first. */
    private Command givenUp() {
        if (!model.givenUp().isEmpty()) {
            return new Command.Succeed(one(model.givenUp()), back(), 1 + random.nextInt(3), 1 + random.nextInt(3));
        }
        return model.unknown().isEmpty() ? lookFor() : new Command.Resolve(one(model.unknown()), false);
    }

    private int target() {
        return switch (random.nextInt(8)) {
            case 0, 1 -> World.BY_HAND + random.nextInt(2);
            case 2, 3, 4 -> World.BEFORE_END + random.nextInt(3);
            default -> random.nextInt(2);
        };
    }

    private Command switchQueue() {
        QueueSwitch.Mode mode =
                random.nextInt(3) == 0 ? one(List.of(QueueSwitch.Mode.values())) : QueueSwitch.Mode.OPEN;
        return new Command.Switch(random.nextInt(2), mode);
    }

    private Command report() {
        return new Command.Report(job(ended(), 20), target(), back(), one(List.of(Command.Outcome.values())));
    }

    private Command grant() {
        return new Command.Grant(
                random.nextInt(3),
                one(List.of(GrantSource.TRIAL, GrantSource.BONUS, GrantSource.GOODWILL)),
                random.nextInt(60),
                100 + 100 * random.nextInt(4),
                random.nextInt(3) == 0 ? 0 : soon());
    }

    /** Gives a tier, and submits when it ends. */
    private Command tierThatEnds() {
        int user = random.nextInt(3);
        int end = soon() + 5;
        next.add(() -> new Command.Advance((int) Duration.between(clock.instant(), MutableClock.START.plusSeconds(end))
                        .toMillis()
                - random.nextInt(4) / 3));
        next.add(() -> submit(user));
        return new Command.Assign(user, 1 + random.nextInt(World.TIERS.size() - 1), end);
    }

    private Command looseHold() {
        int hold = HOLDS + Math.max(0, holds - random.nextInt(3));
        int list = random.nextInt(5) * 25;
        switch (random.nextInt(4)) {
            case 0 -> {
                holds++;
                return new Command.Open(HOLDS + holds, random.nextInt(3), list, list / (1 + random.nextInt(2)));
            }
            case 1 -> {
                return new Command.Capture(hold, list / 2, list);
            }
            case 2 -> {
                return new Command.Late(hold, list / (1 + random.nextInt(2)));
            }
            default -> {
                return new Command.Release(hold, random.nextBoolean());
            }
        }
    }

    /** Few invoices that many pay, of whom some are told apart from those that were asked, or have another price. */
    private Command payment() {
        switch (random.nextInt(10)) {
            case 0, 1 -> {
                int invoice = random.nextInt(4) == 0 ? 1 + random.nextInt(invoices + 1) : ++invoices;
                return new Command.Bill(invoice, invoice % 3, 100 + invoice / 8, 300 + 100 * (invoice % 4));
            }
            case 2, 3, 4 -> {
                int invoice = Math.max(0, invoices + 1 - random.nextInt(4));
                return new Command.Pay(
                        random.nextInt(6) == 0 ? paid(List.of()) : ++payments,
                        random.nextInt(6) == 0 ? random.nextInt(3) : invoice % 3,
                        invoice,
                        100 + invoice / 8 + random.nextInt(8) / 7);
            }
            case 5 -> {
                return new Command.Match(paid(model.payments(Payment.State.UNMATCHED)), random.nextInt(3), 400);
            }
            case 6 -> {
                return new Command.BeginRefund(paid(model.payments(Payment.State.CREDITED)), random.nextInt(3) == 0);
            }
            case 7, 8 -> {
                return new Command.FinishRefund(
                        paid(model.payments(Payment.State.REFUND_PENDING)), random.nextBoolean());
            }
            default -> {
                return new Command.ChargeBack(paid(model.payments(
                        random.nextInt(4) == 0 ? Payment.State.REFUND_PENDING : Payment.State.CREDITED)));
            }
        }
    }

    /** One of these, preferably. */
    private int paid(List<Integer> preferred) {
        return preferred.isEmpty() || random.nextInt(5) == 0 ? 1 + random.nextInt(payments + 1) : one(preferred);
    }

    private Command advance() {
        return switch (random.nextInt(12)) {
            case 0 -> new Command.Advance(-random.nextInt(60_000));
            case 1, 2 -> new Command.Advance(random.nextInt(60_000));
            case 3, 4 -> new Command.Advance(random.nextInt(5_000));
            case 5 -> new Command.Advance(toATurn());
            default -> new Command.Advance(random.nextInt(300));
        };
    }

    /** How long it is until something turns, to the millisecond, or one less. */
    private int toATurn() {
        List<Long> turns = model.turns(clock.millis());
        return turns.isEmpty() ? random.nextInt(5_000) : (int) (one(turns) - clock.millis()) - random.nextInt(4) / 3;
    }

    /** Any earlier command, word for word. */
    private Command again() {
        Command earlier = one(commands);
        return earlier instanceof Command.Race || earlier instanceof Command.Restart ? submit() : earlier;
    }

    /** Several at once, mostly about one job. */
    private Command race() {
        List<Command> racers = new ArrayList<>();
        int about = job(live(), 10);
        for (int i = 1 + random.nextInt(3); i >= 0; i--) {
            racers.add(
                    switch (random.nextInt(18)) {
                        case 0, 1 -> succeed(about);
                        case 2, 3 -> fail(about);
                        case 4, 5 -> new Command.Cancel(about);
                        case 6 -> new Command.Expire(about);
                        case 7 -> new Command.Promote(about);
                        case 8, 9, 10 -> claim();
                        case 11 -> replay();
                        case 12, 13 -> underAQuote();
                        case 14, 15 -> payment();
                        default -> submit();
                    });
        }
        return new Command.Race(List.copyOf(racers), random.nextBoolean());
    }

    // ---- whom they concern

    private List<Integer> live() {
        return model.numbers(JobState.Kind.QUEUED, JobState.Kind.RUNNING, JobState.Kind.CANCELING);
    }

    private List<Integer> queued() {
        return model.numbers(JobState.Kind.QUEUED);
    }

    private List<Integer> running() {
        return model.numbers(JobState.Kind.RUNNING, JobState.Kind.CANCELING);
    }

    private List<Integer> ended() {
        return model.numbers(
                JobState.Kind.SUCCEEDED, JobState.Kind.FAILED, JobState.Kind.CANCELED, JobState.Kind.EXPIRED);
    }

    /** One of these, preferably; a job anywhere so often in a hundred times. */
    private int job(List<Integer> preferred, int anywhere) {
        if (preferred.isEmpty() || random.nextInt(100) < anywhere) {
            return Math.max(1, jobs + 1 - random.nextInt(20));
        }
        return one(preferred.subList(Math.max(0, preferred.size() - 20), preferred.size()));
    }

    private int back() {
        return random.nextInt(6) == 0 ? 1 : 0;
    }

    private int soon() {
        long seconds = Duration.between(MutableClock.START, clock.instant()).toSeconds();
        return (int) Math.max(1, seconds + random.nextInt(60) - 5);
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
