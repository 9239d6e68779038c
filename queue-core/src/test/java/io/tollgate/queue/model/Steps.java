package io.tollgate.queue.model;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LuckyDraw;
import io.tollgate.credits.ledger.Money;
import io.tollgate.credits.ledger.Price;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.credits.test.MutableClock;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.AttemptRef;
import io.tollgate.queue.job.BatchId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.job.DeliveryId;
import io.tollgate.queue.job.Failure;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobCommand;
import io.tollgate.queue.job.JobCommand.DeliveryReport;
import io.tollgate.queue.job.JobCommand.IdempotencyKey;
import io.tollgate.queue.job.JobCommand.Offer;
import io.tollgate.queue.job.JobCommand.QuoteUse;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.Origin;
import io.tollgate.queue.job.Output;
import io.tollgate.queue.job.RetryPolicy;
import io.tollgate.queue.job.RunId;
import io.tollgate.queue.job.WorkflowName;
import io.tollgate.queue.media.PixelSize;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * Turns commands into wishes. What a command says in passing, such as "the last right to drive job 7", is looked up in
 * the model; everything else about a wish follows from the command's numbers. Confined to one thread.
 */
final class Steps {
    private final MutableClock clock;
    private int runs;

    Steps(MutableClock clock) {
        this.clock = clock;
    }

    /** The wish that a command stands for now; not for those that aren't a store's business. */
    Wish wish(Command command, Model model) {
        if (command instanceof Command.Submit c) {
            return jobs(new JobCommand.Submit(
                    c.jobs().stream().map(plan -> spec(plan, c.user())).toList(),
                    c.key() == 0
                            ? Optional.empty()
                            : Optional.of(new IdempotencyKey("key'" + c.key(), "body " + c.body())),
                    c.quote() == 0
                            ? Optional.empty()
                            : Optional.of(new QuoteUse(World.quote(c.quote()), "body " + c.body()))));
        } else if (command instanceof Command.Quote c) {
            return jobs(new JobCommand.MakeQuote(
                    World.quote(c.quote()),
                    c.jobs().stream().map(plan -> spec(plan, c.user())).toList(),
                    "body " + c.body(),
                    World.QUOTED_FOR,
                    World.QUOTES_PER_USER));
        } else if (command instanceof Command.Claim c) {
            return claim(c);
        } else if (command instanceof Command.Mark c) {
            return jobs(new JobCommand.Mark(
                    model.right(c.job(), c.back()),
                    c.phase(),
                    c.renamed() ? Optional.of(new RunId(World.run(++runs))) : Optional.empty()));
        } else if (command instanceof Command.Succeed c) {
            return jobs(new JobCommand.Succeed(
                    model.right(c.job(), c.back()), outputs(c.job(), c.made()), c.expected(), owed(c.job())));
        } else if (command instanceof Command.Fail c) {
            return jobs(new JobCommand.Fail(
                    model.right(c.job(), c.back()),
                    new Failure(
                            c.kind(),
                            "it \"broke\"",
                            c.jitter() % 2 == 0
                                    ? Optional.of(new Failure.Place("\"4\"", "KSampler"))
                                    : Optional.empty()),
                    outputs(c.job(), c.made()),
                    c.expected(),
                    new RetryPolicy(c.attempts(), World.BACKOFF, World.LONGEST_BACKOFF),
                    c.jitter() / 100.0,
                    owed(c.job())));
        } else if (command instanceof Command.Cancel c) {
            return jobs(new JobCommand.Cancel(World.job(c.job()), "user:eva", owed(c.job())));
        } else if (command instanceof Command.Expire c) {
            return jobs(new JobCommand.Expire(World.job(c.job()), owed(c.job())));
        } else if (command instanceof Command.Promote c) {
            return jobs(new JobCommand.Promote(World.job(c.job())));
        } else if (command instanceof Command.Resolve c) {
            return jobs(new JobCommand.Resolve(
                    World.job(c.job()), c.succeeded(), "admin:eva", "looked at it", owed(c.job(), World.BY_HAND)));
        } else if (command instanceof Command.Renew c) {
            List<AttemptRef> rights = new ArrayList<>();
            c.jobs().forEach(job -> rights.add(model.right(job, c.back())));
            return jobs(new JobCommand.Renew(World.NODES.get(c.node()), rights, World.TTL));
        } else if (command instanceof Command.TakeOver c) {
            return jobs(new JobCommand.TakeOver(World.NODES.get(c.node()), c.own(), World.TTL));
        } else if (command instanceof Command.Slots c) {
            return jobs(new JobCommand.ProvideSlots(World.BACKENDS.get(c.backend()), c.count()));
        } else if (command instanceof Command.Limit c) {
            OptionalInt limit = c.limit() == 0 ? OptionalInt.empty() : OptionalInt.of(c.limit());
            return jobs(new JobCommand.SetLimit(World.MODELS.get(c.model()), limit, "admin:eva"));
        } else if (command instanceof Command.Switch c) {
            return jobs(new JobCommand.SwitchQueue(World.QUEUES.get(c.queue()), c.mode(), "admin:eva"));
        } else if (command instanceof Command.Take c) {
            return jobs(new JobCommand.TakeDeliveries(c.most(), World.IN_HAND));
        } else if (command instanceof Command.Report c) {
            DeliveryId delivery = World.delivery(c.job(), c.target());
            return jobs(new JobCommand.ReportDelivery(delivery, model.tries(delivery, c.back()), report(c.outcome())));
        } else if (command instanceof Command.Redeliver c) {
            return jobs(new JobCommand.Redeliver(World.delivery(c.job(), c.target())));
        }
        return new Wish.OfLedger(ledger(command));
    }

    private static LedgerCommand<?> ledger(Command command) {
        if (command instanceof Command.Grant c) {
            return new LedgerCommand.GrantCredits(
                    user(c.user()),
                    c.source(),
                    "grant'" + c.key(),
                    new Amount(c.amount()),
                    end(c.ends()),
                    "admin:eva",
                    "a \"present\"");
        } else if (command instanceof Command.Adjust c) {
            return new LedgerCommand.Adjust(
                    user(c.user()), new Amount(c.amount()), "admin:eva", "a mistake", "adjustment " + c.key());
        } else if (command instanceof Command.Assign c) {
            return new LedgerCommand.AssignTier(
                    user(c.user()), World.TIERS.get(c.tier()), end(c.ends()), "admin:eva", "for a test");
        } else if (command instanceof Command.ExpireGrants c) {
            return new LedgerCommand.ExpireGrants(user(c.user()));
        } else if (command instanceof Command.Opening c) {
            return new LedgerCommand.OpenBalance(
                    user(c.user()),
                    "old-" + c.origin(),
                    new Amount(c.amount()),
                    c.tier() == 0 ? Optional.empty() : Optional.of(World.TIERS.get(c.tier())),
                    Optional.empty(),
                    "admin:eva",
                    "brought along");
        } else if (command instanceof Command.Draw c) {
            return new LedgerCommand.DrawLuck(
                    user(c.user()),
                    LuckyDraw.SHIPPED,
                    World.DAYS,
                    c.roll(),
                    c.secret() == 0 ? Optional.empty() : Optional.of(DrawSecret.Secret.from(new Random(c.secret()))));
        } else if (command instanceof Command.Open c) {
            return new LedgerCommand.OpenHold(
                    hold(c.hold()), user(c.user()), Price.agreed(new Amount(c.list()), new Amount(c.net())), "shop");
        } else if (command instanceof Command.Capture c) {
            return new LedgerCommand.Capture(hold(c.hold()), new Amount(c.amount()), new Amount(c.ofList()), "shop");
        } else if (command instanceof Command.Release c) {
            return new LedgerCommand.Release(hold(c.hold()), c.ourFault(), "shop", "not wanted");
        } else if (command instanceof Command.Bill c) {
            return new LedgerCommand.OpenInvoice(
                    World.invoice(c.invoice()),
                    payload(c.invoice()),
                    user(c.user()),
                    "pack",
                    new Money(c.price(), "EUR"),
                    new Amount(c.credits()),
                    Duration.ofMinutes(1));
        } else if (command instanceof Command.Pay c) {
            return new LedgerCommand.RecordPayment(
                    World.payment(c.payment()),
                    World.charge(c.payment()),
                    user(c.user()),
                    new Money(c.price(), "EUR"),
                    c.invoice() == 0 ? Optional.empty() : Optional.of(payload(c.invoice())),
                    "{\"paid\": true}",
                    "shop");
        } else if (command instanceof Command.Match c) {
            return new LedgerCommand.MatchPayment(
                    World.payment(c.payment()), user(c.user()), new Amount(c.credits()), "admin:eva", "it's theirs");
        } else if (command instanceof Command.BeginRefund c) {
            return new LedgerCommand.BeginRefund(
                    World.payment(c.payment()), c.override(), "admin:eva", "not \"wanted\"");
        } else if (command instanceof Command.FinishRefund c) {
            return new LedgerCommand.FinishRefund(World.payment(c.payment()), c.done(), "shop", "it was said so");
        } else if (command instanceof Command.ChargeBack c) {
            return new LedgerCommand.ChargeBack(World.charge(c.payment()), "shop", "the bank said so");
        } else if (command instanceof Command.Late c) {
            return new LedgerCommand.BookLate(hold(c.hold()), new Amount(c.ofList()), "shop");
        }
        throw new IllegalArgumentException("not a store's business: " + command.line());
    }

    /** The users that a command is about, besides the owners of the jobs it names. */
    static List<UserId> users(Command command) {
        if (command instanceof Command.Submit c) {
            return List.of(user(c.user()));
        } else if (command instanceof Command.Quote c) {
            return List.of(user(c.user()));
        } else if (command instanceof Command.Grant c) {
            return List.of(user(c.user()));
        } else if (command instanceof Command.Adjust c) {
            return List.of(user(c.user()));
        } else if (command instanceof Command.Assign c) {
            return List.of(user(c.user()));
        } else if (command instanceof Command.ExpireGrants c) {
            return List.of(user(c.user()));
        } else if (command instanceof Command.Opening c) {
            return List.of(user(c.user()));
        } else if (command instanceof Command.Draw c) {
            return List.of(user(c.user()));
        } else if (command instanceof Command.Open c) {
            return List.of(user(c.user()));
        } else if (command instanceof Command.Capture
                || command instanceof Command.Release
                || command instanceof Command.Late
                || payment(command)) {
            return World.USERS;
        }
        return List.of();
    }

    private static boolean payment(Command command) {
        return command instanceof Command.Bill
                || command instanceof Command.Pay
                || command instanceof Command.Match
                || command instanceof Command.BeginRefund
                || command instanceof Command.FinishRefund
                || command instanceof Command.ChargeBack;
    }

    private static String payload(int invoice) {
        return "invoice'" + invoice;
    }

    private Wish claim(Command.Claim c) {
        List<Offer> offers = new ArrayList<>();
        c.offers()
                .forEach(backend ->
                        offers.add(World.offer(backend, c.slots(), c.loads().get(backend))));
        List<RunId> ids = new ArrayList<>();
        for (int i = 0; i < c.most(); i++) {
            ids.add(new RunId(World.run(++runs)));
        }
        return jobs(
                new JobCommand.Claim(World.QUEUES.get(c.queue()), World.NODES.get(c.node()), offers, ids, World.TTL));
    }

    /** A job with something in every column, so that what a store loses is missed. */
    private JobSpec spec(Command.Plan plan, int user) {
        int job = plan.job();
        UUID other = World.output(job, 9);
        Instant now = clock.instant();
        return new JobSpec(
                World.job(job),
                user(user),
                job % 4 == 0 ? Optional.of(new BatchId(other)) : Optional.empty(),
                new WorkflowName("w" + job % 3),
                World.QUEUES.get(plan.queue()),
                World.MODELS.get(plan.model()),
                World.NEEDS.get(plan.needs()),
                Map.of(
                        "prompt", new InputValue.Text("a \"cat\"\n\u00e9\ud83d\ude3a"),
                        "seed", new InputValue.Whole(Long.MAX_VALUE - job),
                        "scale", new InputValue.Decimal(new BigDecimal("1.50")),
                        "tiny", new InputValue.Decimal(new BigDecimal("1E-30")),
                        "hd", new InputValue.Flag(job % 2 == 0),
                        "photo", new InputValue.Asset(new AssetId(other)),
                        "photos", new InputValue.Assets(List.of(new AssetId(other), new AssetId(other)))),
                World.TERMS.get(plan.terms()).apply(Tariff.of(new Amount(plan.price()))),
                plan.priority(),
                now,
                now.plusSeconds(plan.patience()),
                job % 5 == 0 ? Optional.of(new Origin(Origin.Kind.RETRY, World.job(job - 1))) : Optional.empty(),
                World.TARGETS.subList(0, plan.targets()),
                job % 2 == 0 ? List.of("t'1\"", "two") : List.of(),
                job % 3 == 0 ? Map.of("k", "v: \"w\"") : Map.of());
    }

    private static List<Output> outputs(int job, int count) {
        return IntStream.range(0, count)
                .mapToObj(index -> new Output(
                        new AssetId(World.output(job, index)),
                        World.job(job),
                        index,
                        "out-" + index + ".png",
                        index == 0 ? Optional.of("9") : Optional.empty(),
                        "image/png",
                        1234L + index,
                        new ContentHash(ContentHash.Function.SHA256, "0f".repeat(32)),
                        index == 1 ? Optional.of(new AssetId(World.output(job, 8))) : Optional.empty(),
                        index == 0 ? Optional.of(new PixelSize(640, 480)) : Optional.empty()))
                .toList();
    }

    /** Enough for any job. */
    private static List<DeliveryId> owed(int job) {
        return owed(job, 0);
    }

    private static List<DeliveryId> owed(int job, int first) {
        return IntStream.range(0, World.TARGETS.size())
                .mapToObj(target -> World.delivery(job, first + target))
                .toList();
    }

    private static DeliveryReport report(Command.Outcome outcome) {
        return switch (outcome) {
            case DELIVERED -> new DeliveryReport.Delivered();
            case TRY_AGAIN -> new DeliveryReport.TryAgain("HTTP 503", Duration.ofSeconds(3));
            case GIVE_UP -> new DeliveryReport.GiveUp("HTTP 410");
            case PUT_BACK -> new DeliveryReport.PutBack(Duration.ofSeconds(1));
        };
    }

    private static Wish jobs(JobCommand<?> command) {
        return new Wish.OfJobs(command);
    }

    private static UserId user(int number) {
        return World.USERS.get(number);
    }

    private static HoldId hold(int number) {
        return new HoldId(World.job(number).value());
    }

    private static Optional<Instant> end(int seconds) {
        return seconds == 0 ? Optional.empty() : Optional.of(MutableClock.START.plusSeconds(seconds));
    }
}
