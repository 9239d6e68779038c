package io.tollgate.credits.model;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Account;
import io.tollgate.credits.ledger.AdjustResult;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.ledger.Book;
import io.tollgate.credits.ledger.Draw;
import io.tollgate.credits.ledger.DrawResult;
import io.tollgate.credits.ledger.DrawSecret;
import io.tollgate.credits.ledger.Entry;
import io.tollgate.credits.ledger.Grant;
import io.tollgate.credits.ledger.GrantResult;
import io.tollgate.credits.ledger.GrantSource;
import io.tollgate.credits.ledger.Hold;
import io.tollgate.credits.ledger.HoldId;
import io.tollgate.credits.ledger.HoldResult;
import io.tollgate.credits.ledger.Invoice;
import io.tollgate.credits.ledger.InvoiceResult;
import io.tollgate.credits.ledger.LateResult;
import io.tollgate.credits.ledger.LedgerCommand;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.credits.ledger.OpeningResult;
import io.tollgate.credits.ledger.Payment;
import io.tollgate.credits.ledger.PaymentFilter;
import io.tollgate.credits.ledger.PaymentId;
import io.tollgate.credits.ledger.PaymentResult;
import io.tollgate.credits.ledger.Posting;
import io.tollgate.credits.ledger.SettleResult;
import io.tollgate.credits.ledger.TierResult;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What a ledger must do, written down a second time and as plainly as can be: lists of lots and holds, whole numbers
 * for amounts and times, answers as words. It shares no rule with the real one, so that the two can disagree. Confined
 * to one thread.
 */
public final class LedgerModel {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long DAY = 24 * 60 * 60 * 1000;
    private static final String STANDARD = "standard";

    private final Map<UserId, List<Lot>> lots = new HashMap<>();
    private final Map<HoldId, Held> holds = new HashMap<>();
    private final Map<String, String> requests = new HashMap<>();
    private final Map<UserId, String> tiers = new HashMap<>();
    private final Map<UserId, Long> tierEnds = new HashMap<>();
    private final Map<UserId, Long> trialEnds = new HashMap<>();
    private final Map<UserId, List<String>> postings = new HashMap<>();
    private final Map<UserId, Long> debts = new HashMap<>();
    private final Map<String, Bill> bills = new HashMap<>();
    private final Map<String, Paid> paid = new LinkedHashMap<>();
    /** By user, the draws by day. */
    private final Map<UserId, TreeMap<Long, String>> draws = new HashMap<>();

    private final Map<UserId, Integer> latestPercent = new HashMap<>();
    private final TreeMap<Long, String> secrets = new TreeMap<>();

    /** A model that goes its own way from here. */
    public LedgerModel copy() {
        LedgerModel copy = new LedgerModel();
        lots.forEach((user, all) -> {
            List<Lot> copies = new ArrayList<>(all.size());
            all.forEach(lot -> copies.add(lot.copy()));
            copy.lots.put(user, copies);
        });
        holds.forEach((id, hold) -> copy.holds.put(id, hold.copy()));
        copy.requests.putAll(requests);
        copy.tiers.putAll(tiers);
        copy.tierEnds.putAll(tierEnds);
        copy.trialEnds.putAll(trialEnds);
        postings.forEach((user, lines) -> copy.postings.put(user, new ArrayList<>(lines)));
        copy.debts.putAll(debts);
        bills.forEach((payload, bill) -> copy.bills.put(payload, bill.copy()));
        paid.forEach((charge, money) -> copy.paid.put(charge, money.copy()));
        draws.forEach((user, days) -> copy.draws.put(user, new TreeMap<>(days)));
        copy.latestPercent.putAll(latestPercent);
        copy.secrets.putAll(secrets);
        return copy;
    }

    // ---- what happens

    /** Does what a command asks for and says what the answer is, in the words of {@link #told}. */
    public String apply(LedgerCommand<?> command, long now) {
        if (command instanceof LedgerCommand.GrantCredits c) {
            return grant(c, now);
        } else if (command instanceof LedgerCommand.OpenHold c) {
            return hold(
                    c.id(),
                    c.user(),
                    c.price().list().hundredths(),
                    c.price().net().hundredths(),
                    now);
        } else if (command instanceof LedgerCommand.Capture c) {
            return capture(c.id(), c.amount().hundredths(), c.ofListPrice().hundredths(), now);
        } else if (command instanceof LedgerCommand.Release c) {
            return release(c.id(), c.ourFault(), now);
        } else if (command instanceof LedgerCommand.BookLate c) {
            return late(c.hold(), c.ofListPrice().hundredths(), now);
        } else if (command instanceof LedgerCommand.Adjust c) {
            return adjust(c, now);
        } else if (command instanceof LedgerCommand.AssignTier c) {
            return tier(c, now);
        } else if (command instanceof LedgerCommand.DrawLuck c) {
            return draw(c, now);
        } else if (command instanceof LedgerCommand.PrepareDraw c) {
            long day = drawDay(c.zone(), now);
            secrets.putIfAbsent(day, c.secret().hex());
            return "secret of " + day + " " + secrets.get(day);
        } else if (command instanceof LedgerCommand.OpenBalance c) {
            return open(c, now);
        } else if (command instanceof LedgerCommand.ExpireGrants c) {
            return "expired " + expireDue(c.user(), now);
        } else if (command instanceof LedgerCommand.OpenInvoice c) {
            return invoice(c);
        } else if (command instanceof LedgerCommand.RecordPayment c) {
            return pay(c, now);
        } else if (command instanceof LedgerCommand.MatchPayment c) {
            return match(c, now);
        } else if (command instanceof LedgerCommand.BeginRefund c) {
            return beginRefund(c, now);
        } else if (command instanceof LedgerCommand.FinishRefund c) {
            return finishRefund(c, now);
        } else if (command instanceof LedgerCommand.ChargeBack c) {
            return chargeBack(c, now);
        }
        throw new AssertionError("the model does not know " + command.getClass());
    }

    private String grant(LedgerCommand.GrantCredits c, long now) {
        long end = c.expiresAt().map(Instant::toEpochMilli).orElse(NEVER);
        String request = c.user() + " " + c.source() + " " + c.amount() + " " + end + " " + c.reason();
        String known = requests.get("grant " + c.sourceKey());
        if (known != null) {
            return known.equals(request) ? "granted again" : "key reused";
        }
        if (end <= now) {
            return "already due";
        }
        requests.put("grant " + c.sourceKey(), request);
        expireDue(c.user(), now);
        long amount = c.amount().hundredths();
        int priority = switch (c.source()) {
            case TRIAL -> 10;
            case BONUS -> 20;
            case GOODWILL -> 30;
            case OPENING -> 45;
            case PURCHASE, ADJUST, CREDIT_BACK -> throw new AssertionError("nobody can ask for " + c.source());
        };
        lots(c.user()).add(new Lot(priority, end, false, now, amount));
        post(
                c.user(),
                "GRANT",
                0,
                amount,
                Book.AVAILABLE,
                amount,
                c.source() == GrantSource.OPENING ? Book.OPENING : Book.ISSUED_PROMO,
                -amount);
        return "granted";
    }

    /** Gives a user a trial, if the one before it is over. */
    public void renewTrial(UserId user, long amount, long every, long now) {
        long end = trialEnds.getOrDefault(user, now);
        if (now < end || debt(user) > 0) {
            return;
        }
        while (end <= now) {
            end += every;
        }
        trialEnds.put(user, end);
        expireDue(user, now);
        lots(user).add(new Lot(10, end, false, now, amount));
        post(user, "GRANT", 0, amount, Book.AVAILABLE, amount, Book.ISSUED_PROMO, -amount);
    }

    /** Sets {@code net} aside. */
    public String hold(HoldId id, UserId user, long list, long net, long now) {
        Held known = holds.get(id);
        if (known != null) {
            return known.user.equals(user) && known.list == list && known.net == net ? "held again" : "conflict";
        }
        if (net > 0 && debt(user) > 0) {
            return "indebted " + debt(user);
        }
        long spendable = spendable(user, now);
        if (spendable < net) {
            return "insufficient " + net + " of " + spendable;
        }
        expireDue(user, now);
        Held hold = new Held(user, list, net);
        List<Lot> all = lots(user);
        burn(user, net).forEach((index, part) -> {
            all.get(index).held += part;
            hold.parts.put(index, part);
        });
        holds.put(id, hold);
        post(user, "HOLD", list, net, Book.AVAILABLE, -net, Book.HELD, net);
        return "held";
    }

    /** Takes {@code amount} of a hold, worth {@code ofList}. */
    public String capture(HoldId id, long amount, long ofList, long now) {
        Held hold = holds.get(id);
        if (hold == null) {
            return "no hold";
        }
        if (hold.state != Hold.State.OPEN) {
            return "already " + hold;
        }
        if (amount > hold.net || ofList > hold.list) {
            return "error IllegalArgumentException";
        }
        long left = amount;
        long gone = 0;
        long owed = 0;
        for (Map.Entry<Integer, Long> part : hold.parts.entrySet()) {
            Lot lot = lots(hold.user).get(part.getKey());
            long taken = Math.min(left, part.getValue());
            gone += lot.giveBack(part.getValue() - taken);
            lot.held -= part.getValue();
            lot.consumed += taken;
            left -= taken;
            owed += lot.unpaid ? taken : 0;
        }
        debts.merge(hold.user, owed, Long::sum);
        hold.state = Hold.State.CAPTURED;
        hold.captured = amount;
        post(
                hold.user,
                "CAPTURE",
                ofList,
                amount,
                Book.HELD,
                -hold.net,
                Book.AVAILABLE,
                hold.net - amount - gone,
                Book.REVOKED,
                gone + owed,
                Book.DEBT,
                -owed,
                Book.REVENUE,
                ofList,
                Book.SUBSIDY,
                amount - ofList);
        expireDue(hold.user, now);
        return "settled " + hold;
    }

    /** Gives a hold back. */
    public String release(HoldId id, boolean ourFault, long now) {
        Held hold = holds.get(id);
        if (hold == null) {
            return "no hold";
        }
        if (hold.state != Hold.State.OPEN) {
            return "already " + hold;
        }
        long late = 0;
        long gone = 0;
        for (Map.Entry<Integer, Long> part : hold.parts.entrySet()) {
            Lot lot = lots(hold.user).get(part.getKey());
            lot.held -= part.getValue();
            gone += lot.giveBack(part.getValue());
            late += lot.end <= now && !lot.takenBack ? part.getValue() : 0;
        }
        hold.state = Hold.State.RELEASED;
        post(
                hold.user,
                "RELEASE",
                hold.list,
                hold.net,
                Book.HELD,
                -hold.net,
                Book.AVAILABLE,
                hold.net - gone,
                Book.REVOKED,
                gone);
        expireDue(hold.user, now);
        if (ourFault && late > 0) {
            lots(hold.user).add(new Lot(15, now + DAY, false, now, late));
            post(hold.user, "GRANT", 0, late, Book.AVAILABLE, late, Book.BREAKAGE, -late);
        }
        return "settled " + hold;
    }

    /** Books what was delivered after its hold was given back, worth {@code ofList}. */
    public String late(HoldId id, long ofList, long now) {
        Held hold = holds.get(id);
        if (hold == null) {
            return "no hold";
        }
        if (hold.late >= 0) {
            return hold.late == ofList ? "late again" : "late otherwise";
        }
        if (hold.state != Hold.State.RELEASED) {
            return "not released";
        }
        if (ofList > hold.list) {
            return "error IllegalArgumentException";
        }
        expireDue(hold.user, now);
        hold.late = ofList;
        post(hold.user, "LATE", ofList, 0, Book.REVENUE, ofList, Book.SUBSIDY, -ofList);
        return "late";
    }

    private String adjust(LedgerCommand.Adjust c, long now) {
        long amount = c.amount().hundredths();
        String request = c.user() + " " + amount + " " + c.reason();
        String known = requests.get("adjust " + c.key());
        if (known != null) {
            return known.equals(request) ? "adjusted again" : "key reused";
        }
        long spendable = spendable(c.user(), now);
        if (spendable + amount < 0) {
            return "insufficient " + -amount + " of " + spendable;
        }
        requests.put("adjust " + c.key(), request);
        expireDue(c.user(), now);
        if (amount > 0) {
            lots(c.user()).add(new Lot(40, NEVER, false, now, amount));
        } else {
            burn(c.user(), -amount).forEach((index, part) -> lots(c.user()).get(index).revoked += part);
        }
        post(c.user(), "ADJUST", 0, amount, Book.AVAILABLE, amount, Book.ADJUST, -amount);
        return "adjusted";
    }

    private String tier(LedgerCommand.AssignTier c, long now) {
        long end = c.until().map(Instant::toEpochMilli).orElse(NEVER);
        if (c.tier().equals(tiers.getOrDefault(c.user(), STANDARD)) && end == tierEnds.getOrDefault(c.user(), NEVER)) {
            return "tier kept";
        }
        expireDue(c.user(), now);
        tiers.put(c.user(), c.tier());
        tierEnds.put(c.user(), end);
        post(c.user(), "TIER", 0, 0);
        return "tier changed";
    }

    private String open(LedgerCommand.OpenBalance c, long now) {
        long amount = c.amount().hundredths();
        String request = amount + " " + c.tier() + " " + c.tierUntil();
        String known = requests.putIfAbsent("opening " + c.origin() + " " + c.user(), request);
        if (known != null) {
            return known.equals(request) ? "opened again" : "key reused";
        }
        expireDue(c.user(), now);
        if (c.tier().isPresent()) {
            tiers.put(c.user(), c.tier().get());
            tierEnds.put(c.user(), c.tierUntil().map(Instant::toEpochMilli).orElse(NEVER));
            post(c.user(), "TIER", 0, 0);
        }
        if (amount > 0) {
            lots(c.user()).add(new Lot(45, NEVER, false, now, amount));
            post(c.user(), "GRANT", 0, amount, Book.AVAILABLE, amount, Book.OPENING, -amount);
        }
        return "opened";
    }

    // ---- payments

    private String invoice(LedgerCommand.OpenInvoice c) {
        String request = c.id() + " " + c.user() + " " + c.pack() + " " + c.price() + " " + c.credits();
        Bill known = bills.get(c.payload());
        if (known != null) {
            return known.request.equals(request) ? "invoice again" : "invoice conflict";
        }
        bills.put(
                c.payload(),
                new Bill(request, c.user(), c.price().toString(), c.credits().hundredths()));
        return "invoice";
    }

    private String pay(LedgerCommand.RecordPayment c, long now) {
        String request = c.payer() + " " + c.money() + " " + c.payload();
        Paid known = paid.get(c.charge().toString());
        if (known != null) {
            return known.request.equals(request) ? known + " again" : "charge reused";
        }
        Paid money = new Paid(c.id(), request);
        paid.put(c.charge().toString(), money);
        Bill bill = bills.get(c.payload().orElse(""));
        if (bill != null && bill.price.equals(c.money().toString())) {
            credit(money, c.payer(), bill.credits, now);
            bill.paid |= bill.user.equals(c.payer());
        }
        return money.toString();
    }

    private void credit(Paid money, UserId user, long credits, long now) {
        expireDue(user, now);
        long repaid = Math.min(debt(user), credits);
        debts.merge(user, -repaid, Long::sum);
        Lot lot = new Lot(50, NEVER, true, now, credits - repaid);
        lot.repaid = repaid;
        lots(user).add(lot);
        money.user = user;
        money.lot = lots(user).size() - 1;
        money.credits = credits;
        money.state = "CREDITED";
        post(
                user,
                "GRANT",
                0,
                credits,
                Book.AVAILABLE,
                credits - repaid,
                Book.DEBT,
                repaid,
                Book.ISSUED_PAID,
                -credits);
    }

    private String match(LedgerCommand.MatchPayment c, long now) {
        Paid money = paid(c.id());
        if (money == null) {
            return "no payment";
        }
        String request = c.user() + " " + c.credits() + " " + c.reason();
        if (money.state.equals("CREDITED") && money.matchedBy.equals(request)) {
            return money + " again";
        }
        if (!money.state.equals("UNMATCHED")) {
            return "is " + money;
        }
        credit(money, c.user(), c.credits().hundredths(), now);
        money.matchedBy = request;
        return money.toString();
    }

    private String beginRefund(LedgerCommand.BeginRefund c, long now) {
        Paid money = paid(c.id());
        if (money == null) {
            return "no payment";
        }
        if (!money.state.equals("CREDITED") && !money.state.equals("UNMATCHED")) {
            return "is " + money;
        }
        if (money.user != null) {
            Lot lot = lots(money.user).get(money.lot);
            if (!c.override() && lot.consumed + lot.held + lot.repaid > 0) {
                return "spent " + lot.consumed + ", " + lot.held + ", " + lot.repaid;
            }
            expireDue(money.user, now);
            lot.revokedBefore = lot.revoked;
            lot.takenBack = true;
            long back = lot.left;
            lot.revoked += back;
            lot.left = 0;
            post(money.user, "REFUND", 0, back, Book.AVAILABLE, -back, Book.REVOKED, back);
        }
        money.matchedBy = "";
        money.state = "REFUND_PENDING";
        return money.toString();
    }

    private String finishRefund(LedgerCommand.FinishRefund c, long now) {
        Paid money = paid(c.id());
        if (money == null) {
            return "no payment";
        }
        if (!money.state.equals("REFUND_PENDING")) {
            return "is " + money;
        }
        if (money.user == null) {
            money.state = c.done() ? "REFUNDED" : "UNMATCHED";
        } else if (c.done()) {
            takeForGood(money, money.user, "REFUNDED", now);
        } else {
            expireDue(money.user, now);
            Lot lot = lots(money.user).get(money.lot);
            long again = lot.revoked - lot.revokedBefore;
            lot.left = again;
            lot.revoked = lot.revokedBefore;
            lot.takenBack = false;
            money.state = "CREDITED";
            post(money.user, "REFUND_UNDONE", 0, again, Book.AVAILABLE, again, Book.REVOKED, -again);
        }
        return money.toString();
    }

    private String chargeBack(LedgerCommand.ChargeBack c, long now) {
        Paid money = paid.get(c.charge().toString());
        if (money == null) {
            return "no payment";
        }
        if (money.state.equals("CHARGED_BACK")) {
            return money + " again";
        }
        if (money.state.equals("REFUNDED")) {
            return "is " + money;
        }
        if (money.user == null) {
            money.state = "CHARGED_BACK";
        } else {
            takeForGood(money, money.user, "CHARGEBACK", now);
            money.state = "CHARGED_BACK";
        }
        return money.toString();
    }

    private void takeForGood(Paid money, UserId user, String kind, long now) {
        expireDue(user, now);
        Lot lot = lots(user).get(money.lot);
        long back = lot.left;
        long owed = lot.consumed + lot.repaid;
        lot.revoked += back;
        lot.left = 0;
        lot.takenBack = true;
        lot.unpaid = true;
        debts.merge(user, owed, Long::sum);
        money.state = "REFUNDED";
        post(user, kind, 0, back + owed, Book.AVAILABLE, -back, Book.DEBT, -owed, Book.REVOKED, back + owed);
    }

    private @Nullable Paid paid(PaymentId id) {
        for (Paid money : paid.values()) {
            if (money.id.equals(id)) {
                return money;
            }
        }
        return null;
    }

    /** The payments that stand so, in the order in which they came. */
    public List<PaymentId> payments(Payment.State state) {
        return paid.values().stream()
                .filter(money -> money.state.equals(state.name()))
                .map(money -> money.id)
                .toList();
    }

    /** What a user owes, not negative. */
    public long debt(UserId user) {
        return debts.getOrDefault(user, 0L);
    }

    // ---- the lucky draw

    private String draw(LedgerCommand.DrawLuck c, long now) {
        long day = drawDay(c.zone(), now);
        TreeMap<Long, String> own = draws.computeIfAbsent(c.user(), any -> new TreeMap<>());
        if (!own.isEmpty() && own.lastKey() >= day) {
            return "drawn again " + own.lastEntry().getValue();
        }
        if (c.secret().isPresent()) {
            secrets.putIfAbsent(day, c.secret().get().hex());
        }
        String secret = secrets.get(day);
        int roll = secret == null ? c.roll() : roll(secret, c.user() + "\n" + LocalDate.ofEpochDay(day));
        String prize = roll < 500 ? "SSR 50" : roll < 2000 ? "SR 30" : roll < 5000 ? "R 15" : "C 5";
        own.put(day, prize + " of " + roll + " on " + day + (secret == null ? "" : " provable"));
        latestPercent.put(c.user(), Integer.valueOf(prize.substring(prize.indexOf(' ') + 1)));
        return "drawn " + own.get(day);
    }

    /** Whole days of a zone whose days have 24 hours; none comes again that had a secret. */
    private long drawDay(ZoneId zone, long now) {
        long day = day(zone, now);
        return secrets.isEmpty() ? day : Math.max(day, secrets.lastKey());
    }

    private static long day(ZoneId zone, long now) {
        return Math.floorDiv(now + ((ZoneOffset) zone).getTotalSeconds() * 1000L, DAY);
    }

    private static int roll(String secret, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(new BigInteger("1" + secret, 16).toByteArray(), 1, 32, "HmacSHA256"));
            byte[] first = Arrays.copyOf(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)), 8);
            return new BigInteger(1, first).mod(BigInteger.valueOf(10_000)).intValue();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** What a user's draw takes off a price, in percent. */
    public int percentOff(UserId user, ZoneId zone, long now) {
        TreeMap<Long, String> own = draws.getOrDefault(user, new TreeMap<>());
        return !own.isEmpty() && own.lastKey() >= day(zone, now) ? latestPercent.getOrDefault(user, 0) : 0;
    }

    // ---- what is there

    /** The name of a user's tier. */
    public String tier(UserId user, long now) {
        return tierEnds.getOrDefault(user, NEVER) <= now ? STANDARD : tiers.getOrDefault(user, STANDARD);
    }

    /** When trials, tiers and grants end, in no order. */
    public List<Long> ends() {
        List<Long> ends = new ArrayList<>(trialEnds.values());
        ends.addAll(tierEnds.values());
        lots.values().forEach(all -> all.forEach(lot -> ends.add(lot.end)));
        ends.removeIf(end -> end == NEVER);
        return ends;
    }

    /** What a hold is of; 0 if there is none. */
    public long held(HoldId id) {
        Held hold = holds.get(id);
        return hold == null ? 0 : hold.net;
    }

    /** The list price that a hold was opened with; 0 if there is none. */
    public long listPrice(HoldId id) {
        Held hold = holds.get(id);
        return hold == null ? 0 : hold.list;
    }

    /** The holds that nobody settled. */
    public List<HoldId> open() {
        List<HoldId> open = new ArrayList<>();
        holds.forEach((id, hold) -> {
            if (hold.state == Hold.State.OPEN) {
                open.add(id);
            }
        });
        return open;
    }

    /** What a user can spend. */
    public long spendable(UserId user, long now) {
        long spendable = 0;
        for (Lot lot : lots(user)) {
            spendable += lot.end > now ? lot.left : 0;
        }
        return spendable;
    }

    /** Takes an amount out of what is left, and says from where, by the lots' numbers. */
    private Map<Integer, Long> burn(UserId user, long amount) {
        List<Lot> all = lots(user);
        Map<Integer, Long> parts = new LinkedHashMap<>();
        long missing = amount;
        while (missing > 0) {
            int next = -1;
            for (int i = 0; i < all.size(); i++) {
                if (all.get(i).left > 0 && (next < 0 || all.get(i).goesBefore(all.get(next)))) {
                    next = i;
                }
            }
            Lot lot = all.get(next);
            long part = Math.min(missing, lot.left);
            lot.left -= part;
            missing -= part;
            parts.put(next, part);
        }
        return parts;
    }

    private long expireDue(UserId user, long now) {
        long expired = 0;
        for (Lot lot : lots(user)) {
            if (lot.end <= now) {
                expired += lot.left;
                lot.expired += lot.left;
                lot.left = 0;
            }
        }
        if (expired > 0) {
            post(user, "EXPIRE", 0, expired, Book.AVAILABLE, -expired, Book.BREAKAGE, expired);
        }
        return expired;
    }

    private void post(UserId user, String kind, long list, long net, Object... lines) {
        Map<Book, Long> moved = new TreeMap<>();
        long sum = 0;
        for (int i = 0; i < lines.length; i += 2) {
            long amount = ((Number) lines[i + 1]).longValue();
            sum += amount;
            if (amount != 0) {
                moved.put((Book) lines[i], amount);
            }
        }
        if (sum != 0) {
            throw new AssertionError("the model's own posting sums to " + sum + ": " + kind + " " + moved);
        }
        postings.computeIfAbsent(user, any -> new ArrayList<>()).add(kind + " " + net + " of " + list + " " + moved);
    }

    private List<Lot> lots(UserId user) {
        return lots.computeIfAbsent(user, any -> new ArrayList<>());
    }

    // ---- comparing with a store

    /** What a real ledger answered, in the model's words. */
    public static String told(Object result) {
        if (result instanceof GrantResult.Granted granted) {
            return granted.replayed() ? "granted again" : "granted";
        } else if (result instanceof GrantResult.KeyReused || result instanceof AdjustResult.KeyReused) {
            return "key reused";
        } else if (result instanceof GrantResult.AlreadyDue) {
            return "already due";
        } else if (result instanceof HoldResult.Held held) {
            return held.replayed() ? "held again" : "held";
        } else if (result instanceof HoldResult.Insufficient less) {
            return "insufficient " + less.required().hundredths() + " of "
                    + less.available().hundredths();
        } else if (result instanceof HoldResult.Conflict) {
            return "conflict";
        } else if (result instanceof HoldResult.Indebted owing) {
            return "indebted " + owing.debt().hundredths();
        } else if (result instanceof InvoiceResult.Opened opened) {
            return opened.replayed() ? "invoice again" : "invoice";
        } else if (result instanceof InvoiceResult.Conflict) {
            return "invoice conflict";
        } else if (result instanceof PaymentResult paid) {
            return told(paid);
        } else if (result instanceof SettleResult.Settled settled) {
            return "settled " + told(settled.hold());
        } else if (result instanceof SettleResult.AlreadySettled settled) {
            return "already " + told(settled.hold());
        } else if (result instanceof SettleResult.NoSuchHold) {
            return "no hold";
        } else if (result instanceof LateResult.Booked booked) {
            return booked.replayed() ? "late again" : "late";
        } else if (result instanceof LateResult.Conflict) {
            return "late otherwise";
        } else if (result instanceof LateResult.NotReleased) {
            return "not released";
        } else if (result instanceof LateResult.NoSuchHold) {
            return "no hold";
        } else if (result instanceof AdjustResult.Adjusted adjusted) {
            return adjusted.replayed() ? "adjusted again" : "adjusted";
        } else if (result instanceof AdjustResult.Insufficient less) {
            return "insufficient " + less.required().hundredths() + " of "
                    + less.available().hundredths();
        } else if (result instanceof TierResult tier) {
            return tier.changed() ? "tier changed" : "tier kept";
        } else if (result instanceof OpeningResult.Opened opened) {
            return opened.replayed() ? "opened again" : "opened";
        } else if (result instanceof OpeningResult.KeyReused) {
            return "key reused";
        } else if (result instanceof DrawResult drawn) {
            return (drawn.again() ? "drawn again " : "drawn ") + told(drawn.draw());
        } else if (result instanceof DrawSecret secret) {
            return "secret of " + secret.day().toEpochDay() + " "
                    + secret.secret().hex();
        } else if (result instanceof Amount expired) {
            return "expired " + expired.hundredths();
        }
        throw new AssertionError("the model has no word for " + result);
    }

    private static String told(PaymentResult result) {
        if (result instanceof PaymentResult.Done done) {
            return told(done.payment()) + (done.replayed() ? " again" : "");
        } else if (result instanceof PaymentResult.ChargeReused) {
            return "charge reused";
        } else if (result instanceof PaymentResult.WrongState wrong) {
            return "is " + told(wrong.payment());
        } else if (result instanceof PaymentResult.Spent spent) {
            return "spent " + spent.consumed().hundredths() + ", "
                    + spent.held().hundredths() + ", " + spent.repaid().hundredths();
        }
        return "no payment";
    }

    private static String told(Payment payment) {
        return payment.state() + " " + payment.credits().hundredths() + " to "
                + payment.user().map(UserId::value).orElse("nobody");
    }

    private static String told(Draw draw) {
        return draw.prize() + " " + draw.percentOff() + " of " + draw.roll() + " on "
                + draw.day().toEpochDay() + (draw.provable() ? " provable" : "");
    }

    private static String told(Hold hold) {
        return hold.state() + " " + hold.captured().hundredths() + " of "
                + hold.amount().hundredths();
    }

    /** In what a user's balances, tier, grants and latest postings are not as they should be, if they aren't. */
    public Optional<String> difference(LedgerStore store, UserId user, int latest) {
        Account account = store.account(user).orElseGet(() -> Account.fresh(user));
        long left = 0;
        long held = 0;
        List<String> parts = new ArrayList<>();
        for (Lot lot : lots(user)) {
            left += lot.left;
            held += lot.held;
            parts.add(lot.toString());
        }
        Collections.reverse(parts);
        String expected = "available " + left + ", held " + held + ", debt " + -debt(user) + ", tier "
                + tiers.getOrDefault(user, STANDARD) + ", " + tierEnds.getOrDefault(user, NEVER) + ", trial until "
                + trialEnds.getOrDefault(user, NEVER);
        String actual = "available " + account.available().hundredths() + ", held "
                + account.held().hundredths() + ", debt " + account.debt().hundredths() + ", tier " + account.tier()
                + ", "
                + account.tierUntil().map(Instant::toEpochMilli).orElse(NEVER) + ", trial until "
                + account.trialUntil().map(Instant::toEpochMilli).orElse(NEVER);
        List<String> grants = new ArrayList<>();
        store.grants(user).forEach(grant -> grants.add(told(grant)));
        List<String> newest = new ArrayList<>();
        store.history(user, Optional.empty(), latest).postings().forEach(posting -> newest.add(told(posting)));
        List<String> lines = new ArrayList<>(postings.getOrDefault(user, List.of()));
        Collections.reverse(lines);
        List<String> drawn = new ArrayList<>(
                draws.getOrDefault(user, new TreeMap<>()).descendingMap().values());
        List<String> kept =
                store.draws(user, 1_000).stream().map(LedgerModel::told).toList();
        String latestDraw = account.draw().map(LedgerModel::told).orElse("none");
        return differ("the account of " + user, expected, actual)
                .or(() -> differ("the draws of " + user, drawn, kept))
                .or(() -> differ("the latest draw of " + user, drawn.isEmpty() ? "none" : drawn.get(0), latestDraw))
                .or(() -> differ("the grants of " + user, parts, grants))
                .or(() -> differ(
                        "the latest postings of " + user, lines.subList(0, Math.min(latest, lines.size())), newest));
    }

    /** In what a hold is not as it should be, if it isn't. */
    public Optional<String> difference(LedgerStore store, HoldId id) {
        Held expected = holds.get(id);
        return differ(
                "hold " + id,
                expected == null ? "none" : expected.toString(),
                store.hold(id).map(LedgerModel::told).orElse("none"));
    }

    /** In what payments are not as they should be, if they aren't. */
    public Optional<String> differenceOfPayments(LedgerStore store) {
        List<String> expected = new ArrayList<>();
        paid.forEach((charge, money) -> expected.add(charge + ": " + money));
        Collections.reverse(expected);
        List<String> actual = new ArrayList<>();
        store.payments(PaymentFilter.ALL, Optional.empty(), 10_000)
                .payments()
                .forEach(payment -> actual.add(payment.charge() + ": " + told(payment)));
        for (Map.Entry<String, Bill> bill : bills.entrySet()) {
            boolean isPaid = store.invoiceByPayload(bill.getKey())
                    .filter(invoice -> invoice.state() == Invoice.State.PAID)
                    .isPresent();
            if (isPaid != bill.getValue().paid) {
                return Optional.of("invoice " + bill.getKey() + " should be paid: " + bill.getValue().paid);
            }
        }
        return differ("the payments", expected, actual);
    }

    private static Optional<String> differ(String what, Object expected, Object actual) {
        return Objects.equals(expected, actual)
                ? Optional.empty()
                : Optional.of(what + "\n    should be " + expected + "\n    but is    " + actual);
    }

    private static String told(Grant grant) {
        return grant.priority() + ":" + grant.remaining().hundredths() + "/"
                + grant.held().hundredths() + "/" + grant.consumed().hundredths() + "/"
                + grant.expired().hundredths() + "/" + grant.revoked().hundredths() + "/"
                + grant.repaid().hundredths() + " until "
                + grant.expiresAt().map(Instant::toEpochMilli).orElse(NEVER);
    }

    private static String told(Posting posting) {
        Map<Book, Long> moved = new TreeMap<>();
        for (Entry entry : posting.entries()) {
            moved.merge(entry.book(), entry.amount().hundredths(), Long::sum);
        }
        return posting.kind() + " " + posting.net().hundredths() + " of "
                + posting.listPrice().hundredths() + " " + moved;
    }

    /** A grant, as the model sees it. */
    private static final class Lot {
        private final int priority;
        private final long end;
        private final boolean paid;
        private final long created;
        private long left;
        private long held;
        private long consumed;
        private long expired;
        private long revoked;
        private long repaid;
        private long revokedBefore;
        private boolean takenBack;
        private boolean unpaid;

        private Lot(int priority, long end, boolean paid, long created, long left) {
            this.priority = priority;
            this.end = end;
            this.paid = paid;
            this.created = created;
            this.left = left;
        }

        private Lot copy() {
            Lot copy = new Lot(priority, end, paid, created, left);
            copy.held = held;
            copy.consumed = consumed;
            copy.expired = expired;
            copy.revoked = revoked;
            copy.repaid = repaid;
            copy.revokedBefore = revokedBefore;
            copy.takenBack = takenBack;
            copy.unpaid = unpaid;
            return copy;
        }

        /** Takes what a hold gives back, and says how much of that is gone because the lot is taken back. */
        private long giveBack(long amount) {
            if (takenBack) {
                revoked += amount;
                return amount;
            }
            left += amount;
            return 0;
        }

        /** Whether it is spent before one that came in earlier. */
        private boolean goesBefore(Lot other) {
            if (priority != other.priority) {
                return priority < other.priority;
            }
            if (end != other.end) {
                return end < other.end;
            }
            if (paid != other.paid) {
                return other.paid;
            }
            return created < other.created;
        }

        @Override
        public String toString() {
            return priority + ":" + left + "/" + held + "/" + consumed + "/" + expired + "/" + revoked + "/" + repaid
                    + " until " + end;
        }
    }

    /** An invoice, as the model sees it. */
    private static final class Bill {
        private final String request;
        private final UserId user;
        private final String price;
        private final long credits;
        private boolean paid;

        private Bill(String request, UserId user, String price, long credits) {
            this.request = request;
            this.user = user;
            this.price = price;
            this.credits = credits;
        }

        private Bill copy() {
            Bill copy = new Bill(request, user, price, credits);
            copy.paid = paid;
            return copy;
        }
    }

    /** A payment, as the model sees it. */
    private static final class Paid {
        private final PaymentId id;
        private final String request;
        private String state = "UNMATCHED";
        private String matchedBy = "";
        private @Nullable UserId user;
        private int lot;
        private long credits;

        private Paid(PaymentId id, String request) {
            this.id = id;
            this.request = request;
        }

        private Paid copy() {
            Paid copy = new Paid(id, request);
            copy.state = state;
            copy.matchedBy = matchedBy;
            copy.user = user;
            copy.lot = lot;
            copy.credits = credits;
            return copy;
        }

        @Override
        public String toString() {
            return state + " " + credits + " to " + (user == null ? "nobody" : user);
        }
    }

    /** A hold, as the model sees it. */
    private static final class Held {
        private final UserId user;
        private final long list;
        private final long net;
        /** How much of which lots of the user, by the lots' numbers. */
        private final Map<Integer, Long> parts = new LinkedHashMap<>();

        private Hold.State state = Hold.State.OPEN;
        private long captured;
        /** What was delivered late was worth this; -1 if nothing was. */
        private long late = -1;

        private Held(UserId user, long list, long net) {
            this.user = user;
            this.list = list;
            this.net = net;
        }

        private Held copy() {
            Held copy = new Held(user, list, net);
            copy.parts.putAll(parts);
            copy.state = state;
            copy.captured = captured;
            copy.late = late;
            return copy;
        }

        @Override
        public String toString() {
            return state + " " + captured + " of " + net;
        }
    }
}
