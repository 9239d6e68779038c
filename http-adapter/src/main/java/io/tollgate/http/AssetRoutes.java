package io.tollgate.http;

import io.tollgate.credits.account.UserId;
import io.tollgate.queue.Tollgate;
import io.tollgate.queue.access.ApiKey;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.job.ContentHash;
import io.tollgate.queue.media.Asset;
import io.tollgate.queue.media.UploadRequest;
import io.tollgate.queue.media.Uploaded;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;

/** Files that users bring and jobs make. */
final class AssetRoutes {
    private static final Route.Access JOBS = Route.Access.of(Scope.JOBS);
    private static final int MAX_NAME = 500;
    private static final int MAX_TAGS_TEXT = 2_000;
    private static final int MAX_PAGE = 200;

    /** What a browser can show without running anything. */
    private static final Set<String> SHOWN = Set.of(
            "image/png",
            "image/jpeg",
            "image/webp",
            "image/gif",
            "image/avif",
            "video/mp4",
            "video/webm",
            "audio/mpeg",
            "audio/wav",
            "audio/flac",
            "audio/ogg");

    private final Services services;
    private final Tollgate tollgate;
    private final HttpSettings settings;

    AssetRoutes(Services services, HttpSettings settings) {
        this.services = services;
        this.tollgate = services.tollgate();
        this.settings = settings;
    }

    private record AssetsDocument(List<AssetDocument> assets, Optional<String> nextCursor) {}

    List<Route> routes() {
        String assets = Paths.API + "/assets";
        String asset = assets + "/{id}";
        return List.of(
                Route.later("POST", assets, JOBS, this::upload),
                Route.of("GET", assets, JOBS, this::list),
                Route.later("POST", assets + "/from-hash", JOBS, this::fromHash),
                Route.of("HEAD", assets + "/by-hash/{hash}", JOBS, this::byHash),
                Route.of("GET", asset, JOBS, call -> Answer.ok(document(own(call)))),
                Route.of("DELETE", asset, JOBS, this::delete),
                Route.of("GET", asset + "/content", Route.Access.OPEN, this::content));
    }

    private AssetDocument document(Asset asset) {
        return AssetDocument.of(asset, services.links().kept(asset), Optional.empty());
    }

    private AssetDocument brought(Asset asset, boolean isNew) {
        return AssetDocument.of(asset, services.links().kept(asset), Optional.of(isNew));
    }

    private CompletionStage<Answer> upload(Call call) {
        return Form.read(call, settings.uploads(), settings.maxUploadBytes(), services.io())
                .thenApply(form -> {
                    try (form) {
                        Form.Upload file = form.file("file")
                                .orElseThrow(() -> new ProblemException(Problem.invalid("file", "is needed")));
                        UploadRequest request = request(
                                form.text("file_path", MAX_NAME).or(file::name),
                                form.text("expected_hash", MAX_NAME),
                                form.text("tags", MAX_TAGS_TEXT).stream()
                                        .flatMap(text -> Stream.of(text.split(",")))
                                        .map(String::strip)
                                        .filter(tag -> !tag.isEmpty())
                                        .toList(),
                                form.text("expires_in", 20).map(text -> parsed("expires_in", text, Long::parseLong)));
                        try (InputStream bytes = file.open()) {
                            Uploaded uploaded = tollgate.upload(call.user(), request, bytes);
                            AssetDocument document = brought(uploaded.asset(), uploaded.isNew());
                            return new Answer.Json(
                                    uploaded.isNew() ? 201 : 200,
                                    document,
                                    Map.of("Location", Paths.API + "/assets/" + document.id()));
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private static <T> T parsed(String field, String text, Function<String, T> parse) {
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(Problem.invalid(field, "is not well formed"));
        }
    }

    private static UploadRequest request(
            Optional<String> name, Optional<String> hash, List<String> tags, Optional<Long> expiresIn) {
        Optional<ContentHash> expected = hash.map(text -> parsed("expected_hash", text, ContentHash::parse));
        try {
            return new UploadRequest(name, expiresIn.map(Duration::ofSeconds), expected, tags);
        } catch (IllegalArgumentException e) { // says what is allowed
            throw new ProblemException(Problem.invalid("body", String.valueOf(e.getMessage())));
        }
    }

    private Answer list(Call call) throws IOException {
        int limit = call.whole("limit", 50, 1, MAX_PAGE);
        Optional<AssetId> before = call.query("cursor", "a cursor of an earlier page", AssetId::parse);
        List<Asset> page = tollgate.assets(call.user(), before, limit + 1);
        boolean more = page.size() > limit;
        List<Asset> shown = more ? page.subList(0, limit) : page;
        return Answer.ok(new AssetsDocument(
                shown.stream().map(this::document).toList(),
                more ? Optional.of(shown.get(shown.size() - 1).id().toString()) : Optional.empty()));
    }

    private CompletionStage<Answer> fromHash(Call call) {
        return call.json().thenApply(read -> {
            Body body = new Body(read);
            Optional<ContentHash> hash = body.text("hash", "a hash such as blake3:…", ContentHash::parse);
            if (hash.isEmpty() && !read.hasNonNull("hash")) {
                body.wrong("hash", "is needed");
            }
            Optional<String> name = body.text("file_path", MAX_NAME);
            List<String> tags = body.texts("tags", 16, 64);
            Optional<Long> expiresIn = body.whole("expires_in", 60, 604_800);
            body.done();
            UploadRequest request = request(name, Optional.empty(), tags, expiresIn);
            try {
                return tollgate.fromHash(call.user(), hash.orElseThrow(), request)
                        .map(asset -> Answer.created(brought(asset, false)))
                        .orElseThrow(() -> new ProblemException(
                                Problem.of(404, "blob_not_found", "you have no file of that hash; upload it")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private Answer byHash(Call call) throws IOException {
        ContentHash hash = call.pathId("hash", "file", ContentHash::parse);
        return new Answer.Empty(tollgate.hasContent(call.user(), hash) ? 200 : 404);
    }

    private static AssetId assetId(Call call) {
        return call.pathId("id", "asset", AssetId::parse);
    }

    private static ProblemException none(AssetId id) {
        return new ProblemException(Problem.notFound("there is no asset " + id));
    }

    /** The user's own file, or none at all. */
    private Asset own(Call call) throws IOException {
        AssetId id = assetId(call);
        return tollgate.asset(call.user(), id).orElseThrow(() -> none(id));
    }

    private Answer delete(Call call) throws IOException {
        AssetId id = assetId(call);
        if (!tollgate.deleteAsset(call.user(), id)) {
            throw none(id);
        }
        return new Answer.Empty(204);
    }

    /** With an address that was signed for it, or for its owner with a key. */
    private Answer content(Call call) throws IOException {
        AssetId id = assetId(call);
        Optional<String> signature = call.query("signature");
        Optional<Asset> asset;
        if (signature.isPresent()) {
            long expires =
                    call.query("expires", "a time in seconds", Long::parseLong).orElse(0L);
            if (!services.links().isValid(id, expires, signature.get())) {
                throw new ProblemException(
                        Problem.of(401, "unauthorized", "this address is not valid any more; ask for the job again"));
            }
            asset = tollgate.media()
                    .find(id)
                    .filter(found -> !found.isExpired(services.clock().instant()));
        } else {
            UserId user = services.keyOf(call, Scope.JOBS)
                    .map(ApiKey::user)
                    .orElseThrow(() -> new ProblemException(
                            Problem.of(401, "unauthorized", "send your API key, or take the address from the asset")));
            asset = tollgate.asset(user, id);
        }
        Asset found = asset.orElseThrow(() -> none(id));
        return new Answer.Content(found, tollgate.media().open(id), SHOWN.contains(found.contentType()));
    }
}
