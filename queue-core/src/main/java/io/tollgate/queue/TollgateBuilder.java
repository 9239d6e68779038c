package io.tollgate.queue;

import io.tollgate.credits.account.UserId;
import io.tollgate.credits.ledger.LedgerStore;
import io.tollgate.queue.access.Doors;
import io.tollgate.queue.backend.GenerationBackend;
import io.tollgate.queue.delivery.DeliveryChannel;
import io.tollgate.queue.delivery.DeliveryPolicy;
import io.tollgate.queue.delivery.EndpointStore;
import io.tollgate.queue.delivery.Endpoints;
import io.tollgate.queue.delivery.MediaProcessor;
import io.tollgate.queue.dispatch.DispatchSettings;
import io.tollgate.queue.event.JobListener;
import io.tollgate.queue.gate.ContentPolicy;
import io.tollgate.queue.gate.QuoteTerms;
import io.tollgate.queue.gate.WordPolicy;
import io.tollgate.queue.job.IdSource;
import io.tollgate.queue.job.JobPolicy;
import io.tollgate.queue.job.JobStore;
import io.tollgate.queue.job.NodeId;
import io.tollgate.queue.job.QueueName;
import io.tollgate.queue.media.MediaInspector;
import io.tollgate.queue.media.MediaStore;
import io.tollgate.queue.memory.MemoryEndpointStore;
import io.tollgate.queue.workflow.Catalogue;
import io.tollgate.queue.workflow.GraphReader;
import io.tollgate.queue.workflow.Workflow;
import io.tollgate.queue.workflow.WorkflowSource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Puts a {@link Tollgate} together. What isn't given is kept in memory, or takes its default. */
public final class TollgateBuilder {
    InstantSource clock = InstantSource.system();

    @Nullable IdSource ids;

    @Nullable ScheduledExecutorService executor;

    @Nullable ExecutorService io;

    @Nullable ExecutorService fetch;

    JobPolicy policy = JobPolicy.DEFAULT;

    @Nullable JobStore store;

    @Nullable MediaStore media;

    EndpointStore endpointStore = new MemoryEndpointStore();
    int rememberedJobs;
    Duration pauseEndpointsAfter = Endpoints.PAUSED_AFTER;
    final List<Function<Endpoints, DeliveryChannel>> endpointChannels = new ArrayList<>();

    WorkflowSource source = List::of;
    GraphReader graphs = GraphReader.NONE;
    final List<GenerationBackend> backends = new ArrayList<>();
    final List<DeliveryChannel> channels = new ArrayList<>();
    final List<MediaProcessor> processors = new ArrayList<>();
    final List<MediaInspector> inspectors = new ArrayList<>();
    final List<JobListener> listeners = new ArrayList<>();
    final Set<QueueName> queues = new HashSet<>();
    DeliveryPolicy deliveryPolicy = DeliveryPolicy.DEFAULT;
    DispatchSettings dispatch = DispatchSettings.DEFAULT;
    ContentPolicy contentPolicy = new WordPolicy();

    @Nullable Doors doors;

    Consumer<UserId> forgetting = user -> {};
    NodeId node = new NodeId("local");
    Duration waitingAtMost = Duration.ofHours(24);
    QuoteTerms quotes = QuoteTerms.DEFAULT;
    Duration keepEvents = Duration.ofDays(30);
    Duration keepKeys = Duration.ofDays(7);
    Optional<Duration> keepInputs = Optional.empty();
    Optional<Duration> keepOutputs = Optional.empty();
    long maxInputBytes = 50L << 20;
    long maxOutputBytes = 1L << 30;
    long maxUserBytes;

    TollgateBuilder() {}

    /** By what numbers is decided. A store of one's own must decide by the same. */
    public TollgateBuilder policy(JobPolicy numbers) {
        this.policy = numbers;
        return this;
    }

    /** Where jobs and credits are kept. */
    public <S extends JobStore & LedgerStore> TollgateBuilder store(S home) {
        this.store = home;
        return this;
    }

    /** Where files are kept. */
    public TollgateBuilder media(MediaStore home) {
        this.media = home;
        return this;
    }

    /** Where the catalogue comes from. */
    public TollgateBuilder workflows(WorkflowSource catalogue) {
        this.source = catalogue;
        return this;
    }

    /** The catalogue, as it is. */
    public TollgateBuilder workflows(Workflow... catalogue) {
        List<Workflow> all = List.of(catalogue);
        return workflows(() -> all);
    }

    /** What reads graphs that users bring, for workflows that take one. */
    public TollgateBuilder graphs(GraphReader reader) {
        this.graphs = reader;
        return this;
    }

    /** Something that runs attempts. It is closed with this. */
    public TollgateBuilder backend(GenerationBackend backend) {
        backends.add(backend);
        return this;
    }

    /** A queue, besides those that the catalogue names. */
    public TollgateBuilder queue(QueueName queue) {
        queues.add(queue);
        return this;
    }

    /** Where standing endpoints and signing secrets are kept. They are in memory, if this isn't said. */
    public TollgateBuilder endpoints(EndpointStore home) {
        this.endpointStore = home;
        return this;
    }

    /** How long nothing but failures may come of an endpoint before it is told nothing more. */
    public TollgateBuilder pauseEndpointsAfter(Duration time) {
        this.pauseEndpointsAfter = time;
        return this;
    }

    /** A way to deliver that asks where standing endpoints are. */
    public TollgateBuilder channel(Function<Endpoints, DeliveryChannel> channel) {
        endpointChannels.add(channel);
        return this;
    }

    /** A way to tell people that their jobs ended. */
    public TollgateBuilder channel(DeliveryChannel channel) {
        channels.add(channel);
        return this;
    }

    /** Something that finishes outputs. */
    public TollgateBuilder processor(MediaProcessor processor) {
        processors.add(processor);
        return this;
    }

    /** Something that looks into files which users bring, before they are taken. */
    public TollgateBuilder inspector(MediaInspector inspector) {
        inspectors.add(inspector);
        return this;
    }

    /** Someone who hears of everything. */
    public TollgateBuilder listener(JobListener listener) {
        listeners.add(listener);
        return this;
    }

    /** What may be run at all, in place of the shipped {@link WordPolicy}. */
    public TollgateBuilder contentPolicy(ContentPolicy reviewer) {
        this.contentPolicy = reviewer;
        return this;
    }

    /** What an operator says to everybody, and whose jobs are taken; open if it isn't given. */
    public TollgateBuilder doors(Doors operators) {
        this.doors = operators;
        return this;
    }

    /**
     * What else is to be done when a user is forgotten: whatever knows users and isn't the store or the files. Called
     * on the threads for files, after the store forgot the user; again if somebody asks again.
     */
    public TollgateBuilder forgetting(Consumer<UserId> deed) {
        this.forgetting = deed;
        return this;
    }

    public TollgateBuilder dispatch(DispatchSettings spans) {
        this.dispatch = spans;
        return this;
    }

    public TollgateBuilder deliveryPolicy(DeliveryPolicy spans) {
        this.deliveryPolicy = spans;
        return this;
    }

    /** The name of this process, the same after a restart and of no other process on the same store. */
    public TollgateBuilder node(NodeId name) {
        this.node = name;
        return this;
    }

    /** How long a job may wait before it expires. */
    public TollgateBuilder waitingAtMost(Duration time) {
        this.waitingAtMost = time;
        return this;
    }

    /** For how long prices are promised. */
    public TollgateBuilder quotes(QuoteTerms terms) {
        this.quotes = terms;
        return this;
    }

    /** How long refusals and operators' acts are remembered. */
    public TollgateBuilder keepEvents(Duration time) {
        this.keepEvents = time;
        return this;
    }

    /** How long idempotency keys are remembered. */
    public TollgateBuilder keepKeys(Duration time) {
        this.keepKeys = time;
        return this;
    }

    /** How long files that users bring, and files that jobs make, are kept. For ever, if this isn't said. */
    public TollgateBuilder keepFiles(Duration inputs, Duration outputs) {
        this.keepInputs = Optional.of(inputs);
        this.keepOutputs = Optional.of(outputs);
        return this;
    }

    /** How large files may be that users bring, and files that jobs make. */
    public TollgateBuilder maxBytes(long inputs, long outputs) {
        this.maxInputBytes = inputs;
        this.maxOutputBytes = outputs;
        return this;
    }

    /** How much each user may have stored, in bytes; 0, if this isn't said, for no limit. No job fails of it. */
    public TollgateBuilder maxBytesPerUser(long bytes) {
        this.maxUserBytes = bytes;
        return this;
    }

    /**
     * How many jobs are remembered as they were read last, so that who polls costs no reads; 0, if this isn't said.
     * Only for the one process that writes to its store.
     */
    public TollgateBuilder rememberJobs(int atMost) {
        if (atMost < 0) {
            throw new IllegalArgumentException("0 or more jobs are remembered: " + atMost);
        }
        this.rememberedJobs = atMost;
        return this;
    }

    public TollgateBuilder clock(InstantSource time) {
        this.clock = time;
        return this;
    }

    public TollgateBuilder ids(IdSource source) {
        this.ids = source;
        return this;
    }

    /**
     * Threads to work on, in place of own ones. The giver shuts them down, after this is closed.
     *
     * @param scheduled for short, non-blocking work and timers
     * @param blocking for reading and writing files
     */
    public TollgateBuilder threads(ScheduledExecutorService scheduled, ExecutorService blocking) {
        this.executor = scheduled;
        this.io = blocking;
        return this;
    }

    /**
     * Threads for fetching outputs from backends that are elsewhere, in place of those for files: a server that stalls
     * holds up a few for each backend. The giver shuts them down, after this is closed.
     */
    public TollgateBuilder fetching(ExecutorService blocking) {
        this.fetch = blocking;
        return this;
    }

    /**
     * Puts it together and reads what is stored. Runs nothing yet.
     *
     * @throws io.tollgate.queue.workflow.InvalidWorkflowException if the catalogue can't be used
     */
    public Tollgate build() {
        return new Tollgate(this);
    }

    /** The queues that were named, and those of a catalogue. */
    Set<QueueName> queues(Catalogue catalogue) {
        Set<QueueName> all = new HashSet<>(queues);
        catalogue.all().forEach(workflow -> all.add(workflow.queue()));
        return all;
    }
}
