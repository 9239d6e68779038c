package io.tollgate.http;

import io.tollgate.queue.Tollgate;
import io.tollgate.queue.access.Scope;
import io.tollgate.queue.job.AssetId;
import io.tollgate.queue.media.Asset;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Files that users bring and jobs make. */
final class AssetRoutes {
    private static final Route.Access JOBS = Route.Access.of(Scope.JOBS);
    private static final int MAX_NAME = 500;

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

    List<Route> routes() {
        String assets = Paths.API + "/assets";
        String asset = assets + "/{id}";
        return List.of(
                Route.later("POST", assets, JOBS, this::upload),
                Route.of("GET", asset, JOBS, call -> Answer.ok(document(own(call)))),
                Route.of("GET", asset + "/content", Route.Access.OPEN, this::content));
    }

    private AssetDocument document(Asset asset) {
        return AssetDocument.of(asset, services.links().link(asset.id()));
    }

    private CompletionStage<Answer> upload(Call call) {
        return Form.read(call, settings.uploads(), settings.maxUploadBytes(), services.io())
                .thenApply(form -> {
                    try (form) {
                        Form.Upload file = form.file("file")
                                .orElseThrow(() -> new ProblemException(Problem.invalid("file", "is needed")));
                        String name =
                                form.text("file_path", MAX_NAME).or(file::name).orElse("upload");
                        try (InputStream bytes = file.open()) {
                            return Answer.created(document(tollgate.addFile(call.user(), name, bytes)));
                        }
                    } catch (IOException e) {
                        throw new ProblemException(Problem.unavailable("the file could not be stored"));
                    }
                });
    }

    private static AssetId assetId(Call call) {
        return call.pathId("id", "asset", AssetId::parse);
    }

    /** The user's own file, or none at all. */
    private Asset own(Call call) throws IOException {
        AssetId id = assetId(call);
        return tollgate.media()
                .find(id)
                .filter(asset -> asset.owner().equals(call.user()))
                .orElseThrow(() -> new ProblemException(Problem.notFound("there is no asset " + id)));
    }

    private Answer content(Call call) throws IOException {
        AssetId id = assetId(call);
        Optional<Long> expires = call.query("expires", "a time in seconds", Long::parseLong);
        Optional<String> signature = call.query("signature");
        if (expires.isEmpty() || signature.isEmpty() || !services.links().isValid(id, expires.get(), signature.get())) {
            throw new ProblemException(Problem.of(401, "unauthorized", "this address is not valid any more"));
        }
        Asset asset = tollgate.media()
                .find(id)
                .orElseThrow(() -> new ProblemException(Problem.notFound("there is no asset " + id)));
        return new Answer.Content(asset, tollgate.media().open(id), SHOWN.contains(asset.contentType()));
    }
}
