package io.tollgate.comfyui.sim;

import java.awt.image.BufferedImage;
import java.util.List;

/** What goes from node to node, besides plain values. A batch is a list of pictures. */
sealed interface NodeValue {

    /** IMAGE: a batch of pictures. */
    record Images(List<BufferedImage> frames) implements NodeValue {
        public Images {
            frames = List.copyOf(frames);
        }
    }

    /** MASK: a batch of gray pictures. */
    record Masks(List<BufferedImage> frames) implements NodeValue {
        public Masks {
            frames = List.copyOf(frames);
        }
    }

    /** LATENT: the pictures that it stands for. {@code blank} if there is nothing in them yet. */
    record Latent(List<BufferedImage> frames, boolean blank) implements NodeValue {
        public Latent {
            frames = List.copyOf(frames);
        }
    }

    /** MODEL, CLIP, VAE or CONDITIONING: only its name or text. */
    record Token(String text) implements NodeValue {}

    /** VIDEO: pictures and their rate. */
    record Video(List<BufferedImage> frames, double fps) implements NodeValue {
        public Video {
            frames = List.copyOf(frames);
        }
    }

    /** AUDIO: so much silence. */
    record Audio(double seconds, int sampleRate, int channels) implements NodeValue {}
}
