package io.tollgate.queue.test;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.Amount;
import io.tollgate.credits.pricing.Tariff;
import io.tollgate.queue.job.BatchId;
import io.tollgate.queue.job.DeliveryTarget;
import io.tollgate.queue.job.IdSource;
import io.tollgate.queue.job.InputValue;
import io.tollgate.queue.job.JobId;
import io.tollgate.queue.job.JobSpec;
import io.tollgate.queue.job.ModelName;
import io.tollgate.queue.job.Needs;
import io.tollgate.queue.job.Origin;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.job.WorkflowName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes specs of jobs for tests, each with a new id. Safe for use by many threads. */
public final class JobSpecs {
    /** The queue of a draft that isn't told otherwise. */
    public static final QueueName QUEUE = new QueueName("image");

    /** The model of a draft that isn't told otherwise. */
    public static final ModelName MODEL = new ModelName("model-a");

    /** The workflow of a draft that isn't told otherwise. */
    public static final WorkflowName WORKFLOW = new WorkflowName("photo-filter");

    /** The kind of backend that a draft needs that isn't told otherwise. */
    public static final String TYPE = "scripted";

    /** What a draft costs that isn't told otherwise. */
    public static final Amount PRICE = Amount.credits(10);

    /** How long a draft may wait that isn't told otherwise. */
    public static final Duration PATIENCE = Duration.ofHours(24);

    private final IdSource ids;
    private final InstantSource clock;

    public JobSpecs(IdSource ids, InstantSource clock) {
        this.ids = ids;
        this.clock = clock;
    }

    /** A plain job of this user. */
    public JobSpec of(UserId user) {
        return draft(user).build();
    }

    /** A plain job of this user, to be changed. */
    public Draft draft(UserId user) {
        return new Draft(new JobId(ids.next()), user, clock.instant());
    }

    /** A spec in the making. Confined to one thread. */
    public static final class Draft {
        private final JobId id;
        private final UserId user;
        private Instant createdAt;
        private Duration patience = PATIENCE;
        private Optional<BatchId> batch = Optional.empty();
        private WorkflowName workflow = WORKFLOW;
        private QueueName queue = QUEUE;
        private ModelName model = MODEL;
        private Needs needs = new Needs(Set.of(TYPE), Set.of());
        private Map<String, InputValue> inputs = Map.of("prompt", new InputValue.Text("a lighthouse at dawn"));
        private Tariff tariff = Tariff.of(PRICE);
        private int priority;
        private Optional<Origin> origin = Optional.empty();
        private List<DeliveryTarget> targets = List.of();
        private List<String> tags = List.of();
        private Map<String, String> metadata = Map.of();

        private Draft(JobId id, UserId user, Instant createdAt) {
            this.id = id;
            this.user = user;
            this.createdAt = createdAt;
        }

        public Draft createdAt(Instant when) {
            createdAt = when;
            return this;
        }

        public Draft patience(Duration wait) {
            patience = wait;
            return this;
        }

        public Draft batch(BatchId in) {
            batch = Optional.of(in);
            return this;
        }

        public Draft workflow(String name) {
            workflow = new WorkflowName(name);
            return this;
        }

        public Draft queue(QueueName name) {
            queue = name;
            return this;
        }

        public Draft model(ModelName name) {
            model = name;
            return this;
        }

        public Draft needs(Set<String> types, Set<String> backendTags) {
            needs = new Needs(types, backendTags);
            return this;
        }

        /** Needs a backend of the usual kind with all of these tags. */
        public Draft needs(String... backendTags) {
            return needs(Set.of(TYPE), Set.of(backendTags));
        }

        public Draft inputs(Map<String, InputValue> values) {
            inputs = values;
            return this;
        }

        public Draft price(Amount list) {
            tariff = Tariff.of(list);
            return this;
        }

        public Draft tariff(Tariff terms) {
            tariff = terms;
            return this;
        }

        public Draft free() {
            tariff = Tariff.free(tariff.list());
            return this;
        }

        public Draft priority(int within) {
            priority = within;
            return this;
        }

        public Draft origin(Origin from) {
            origin = Optional.of(from);
            return this;
        }

        public Draft targets(DeliveryTarget... told) {
            targets = List.of(told);
            return this;
        }

        public Draft tags(String... words) {
            tags = List.of(words);
            return this;
        }

        public Draft metadata(Map<String, String> texts) {
            metadata = texts;
            return this;
        }

        public JobSpec build() {
            return new JobSpec(
                    id,
                    user,
                    batch,
                    workflow,
                    queue,
                    model,
                    needs,
                    inputs,
                    tariff,
                    priority,
                    createdAt,
                    createdAt.plus(patience),
                    origin,
                    targets,
                    tags,
                    metadata);
        }
    }
}
