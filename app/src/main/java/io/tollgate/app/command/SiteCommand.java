package io.tollgate.app.command;

import io.tollgate.app.cli.Progress;
import io.tollgate.app.cli.Version;
import io.tollgate.app.client.ApiClient;
import io.tollgate.app.client.Backoff;
import io.tollgate.app.client.ServerAddress;
import io.tollgate.app.config.TollgateConfig;
import io.tollgate.app.container.Access;
import io.tollgate.credits.account.UserId;
import io.tollgate.queue.job.JobId;
import io.tollgate.sql.DataDirectoryBusyException;
import java.nio.file.Path;
import java.util.Optional;

/** A command that works on a data directory in this process, or against a server: it says what it wants of a site. */
abstract class SiteCommand extends LocalCommand {
    @Override
    protected final boolean asksServers() {
        return true;
    }

    /** The site that was named. */
    final Site site(Access access) {
        return remote().<Site>map(server -> server).orElseGet(() -> local(access));
    }

    /** The same, to follow a job: if another process runs the jobs of the directory, this one looks on. */
    final Site siteToFollow() {
        return remote().<Site>map(server -> server).orElseGet(() -> {
            try {
                return local(Access.WRITE);
            } catch (DataDirectoryBusyException e) {
                return local(Access.READ);
            }
        });
    }

    /** The server that was named. */
    final Optional<RemoteSite> remote() {
        return server().map(this::remote);
    }

    private RemoteSite remote(ServerAddress server) {
        return new RemoteSite(
                new ApiClient(
                        server,
                        Version.current(),
                        Backoff.CALL,
                        line -> terminal().complain("tollgate: " + line)),
                terminal());
    }

    private Site local(Access access) {
        UserId who = user(); // refused before anything is open
        TollgateConfig config = quietConfig().config();
        return new LocalSite(open(config, access), config, access == Access.WRITE, who, namedData());
    }

    /** Follows a job to its end, shows it then, with its outputs if they are wanted, and fails unless it succeeded. */
    final void followed(Site site, JobId id, Optional<Path> out) {
        Doc job;
        try (Progress progress = progress()) {
            job = site.follow(id, progress);
            if (out.isPresent()) {
                String workflow = job.text("workflow").replaceAll("[^A-Za-z0-9_-]", "_");
                String base = workflow + "-" + id.toString().substring(24);
                job = job.withUrls(site.fetch(job, out.get(), base, progress));
            }
        }
        output().result(job.node(), JobText.lines(job));
        JobText.requireSuccess(job);
    }
}
