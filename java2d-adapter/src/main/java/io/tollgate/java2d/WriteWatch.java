package io.tollgate.java2d;

import javax.imageio.ImageWriter;
import javax.imageio.event.IIOWriteProgressListener;

/** Stops an encoder on the sign. */
final class WriteWatch implements IIOWriteProgressListener {
    private final StopSign stop;

    WriteWatch(StopSign stop) {
        this.stop = stop;
    }

    @Override
    public void imageProgress(ImageWriter source, float percentageDone) {
        if (stop.isRaised()) {
            source.abort();
        }
    }

    @Override
    public void imageStarted(ImageWriter source, int imageIndex) {}

    @Override
    public void imageComplete(ImageWriter source) {}

    @Override
    public void thumbnailStarted(ImageWriter source, int imageIndex, int thumbnailIndex) {}

    @Override
    public void thumbnailProgress(ImageWriter source, float percentageDone) {}

    @Override
    public void thumbnailComplete(ImageWriter source) {}

    @Override
    public void writeAborted(ImageWriter source) {}
}
