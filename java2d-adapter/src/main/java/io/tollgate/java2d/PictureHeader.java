package io.tollgate.java2d;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * What a picture file says of itself, found without decoding it. Reads the container only, never trusts a length, and
 * lists the parts that the pixels need: a decoder is given nothing else, so text, thumbnails and other metadata can't
 * harm it.
 *
 * <p>Sources: PNG, third edition, section 5; JPEG, ITU T.81, annex B; GIF 89a; the WebP container specification, RFC
 * 9649.
 *
 * @param width of the stored pixels, before they are turned upright
 * @param orientation how they are stored, 1 to 8 as in Exif 2.3, table 6; 1 is upright
 * @param components how many a JPEG has; 4 is CMYK or YCCK; 0 in other formats
 * @param adobeTransform how a JPEG says its components were made, 2 for YCCK; -1 if it doesn't
 * @param icc the color profile, where the decoder doesn't apply it by itself
 * @param gamma the exponent by which a PNG without a profile says its samples were made of light; 0 if it says none or
 *     says that it is sRGB
 * @param parts pairs of offset and length
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PictureHeader(
        PictureFormat format,
        int width,
        int height,
        int orientation,
        int components,
        int adobeTransform,
        byte @Nullable [] icc,
        double gamma,
        List<int[]> parts) {
    private static final int MAX_ICC_BYTES = 4 << 20;
    private static final double GAMMA_UNIT = 100_000;
    private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

    /** Its pixels. */
    long pixels() {
        return (long) width * height;
    }

    /**
     * Reads it.
     *
     * @throws BadPictureException if it is no picture of a known format, is cut off or contradicts itself
     */
    static PictureHeader parse(byte[] file) throws BadPictureException {
        if (file.length >= 8 && Arrays.equals(file, 0, 8, PNG_SIGNATURE, 0, 8)) {
            return new Parser(file, "PNG").png();
        }
        if (file.length >= 3 && (file[0] & 255) == 0xff && (file[1] & 255) == 0xd8 && (file[2] & 255) == 0xff) {
            return new Parser(file, "JPEG").jpeg();
        }
        String start = new String(file, 0, Math.min(12, file.length), ISO_8859_1);
        if (start.startsWith("GIF87a") || start.startsWith("GIF89a")) {
            return new Parser(file, "GIF").gif();
        }
        if (start.startsWith("RIFF") && start.startsWith("WEBP", 8)) {
            return new Parser(file, "WebP").webp();
        }
        throw new BadPictureException(
                file.length == 0 ? "the file is empty" : "the file is no JPEG, PNG, WebP or GIF picture");
    }

    private static final class Parser {
        private final byte[] file;
        private final String what;
        private final List<int[]> parts = new ArrayList<>();
        private int width;
        private int height;
        private int orientation = 1;
        private byte @Nullable [] icc;
        private double gamma;
        private int components;
        private int adobeTransform = -1;

        Parser(byte[] file, String what) {
            this.file = file;
            this.what = what;
        }

        PictureHeader png() throws BadPictureException {
            parts.add(new int[] {0, 8});
            int at = 8;
            boolean data = false;
            boolean srgb = false;
            while (true) {
                need(at, 12);
                int length = int32(at);
                String type = ascii(at + 4, 4);
                if (length < 0) {
                    throw broken();
                }
                need(at + 8, length + 4L);
                if (at == 8) {
                    if (!type.equals("IHDR") || length != 13) {
                        throw broken();
                    }
                    width = int32(at + 8);
                    height = int32(at + 12);
                }
                switch (type) {
                    case "IHDR", "PLTE", "tRNS", "IDAT", "IEND" -> parts.add(new int[] {at, length + 12});
                    case "iCCP" -> icc = pngProfile(at + 8, length);
                    case "sRGB" -> srgb = true;
                    case "gAMA" -> gamma = length == 4 ? Math.max(0, int32(at + 8)) / GAMMA_UNIT : 0;
                    case "eXIf" -> orientation = exif(at + 8, length);
                    default -> {} // not needed for the pixels
                }
                data |= type.equals("IDAT");
                if (type.equals("IEND")) {
                    break;
                }
                at += length + 12;
            }
            if (!data) {
                throw broken();
            }
            // the fuller description of its colors counts; section 4.3, less cICP, which is for films
            gamma = srgb || icc != null ? 0 : gamma;
            return done(PictureFormat.PNG);
        }

        private byte @Nullable [] pngProfile(int at, int length) {
            int zero = at;
            while (zero < at + length && file[zero] != 0) {
                zero++;
            }
            int start = zero + 2; // after the name's end and the compression method
            if (start >= at + length) {
                return null;
            }
            Inflater inflater = new Inflater();
            try {
                inflater.setInput(file, start, at + length - start);
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                byte[] buffer = new byte[8192];
                int count;
                while ((count = inflater.inflate(buffer)) > 0 && out.size() <= MAX_ICC_BYTES) {
                    out.write(buffer, 0, count);
                }
                return out.size() > MAX_ICC_BYTES ? null : out.toByteArray();
            } catch (DataFormatException e) {
                return null; // a picture without a usable profile is sRGB
            } finally {
                inflater.end();
            }
        }

        PictureHeader jpeg() throws BadPictureException {
            parts.add(new int[] {0, 2});
            int at = 2;
            boolean scan = false;
            while (true) {
                need(at, 2);
                if ((file[at] & 255) != 0xff) {
                    throw broken();
                }
                int marker = file[at + 1] & 255;
                if (marker == 0xff) { // fill bytes
                    at++;
                    continue;
                }
                if (marker == 0xd9) {
                    parts.add(new int[] {at, 2});
                    break;
                }
                need(at + 2, 2);
                int length = int16(at + 2);
                if (length < 2) {
                    throw broken();
                }
                need(at + 2, length);
                boolean keep = true;
                if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
                    if (width != 0 || length < 8) {
                        throw broken(); // a second frame could be larger than the first
                    }
                    height = int16(at + 5);
                    width = int16(at + 7);
                    components = file[at + 9] & 255;
                } else if ((marker >= 0xe0 && marker <= 0xef) || marker == 0xfe) {
                    boolean exif =
                            marker == 0xe1 && length >= 8 && ascii(at + 4, 4).equals("Exif");
                    if (exif) {
                        orientation = exif(at + 10, length - 8);
                    }
                    if (marker == 0xee && length >= 14 && ascii(at + 4, 5).equals("Adobe")) {
                        adobeTransform = file[at + 15] & 255;
                    }
                    keep = switch (marker) {
                        case 0xe0 -> length >= 16 && ascii(at + 4, 4).equals("JFIF");
                        case 0xe2 -> length > 16 && ascii(at + 4, 11).equals("ICC_PROFILE");
                        case 0xee -> length >= 14 && ascii(at + 4, 5).equals("Adobe");
                        default -> false;
                    };
                }
                int end = at + 2 + length;
                if (marker == 0xda) {
                    scan = true;
                    end = endOfScan(end);
                }
                if (keep) {
                    parts.add(new int[] {at, end - at});
                }
                at = end;
            }
            if (!scan || width == 0) {
                throw broken();
            }
            return done(PictureFormat.JPEG);
        }

        private int endOfScan(int from) throws BadPictureException {
            for (int i = from; i + 1 < file.length; i++) {
                int next = file[i + 1] & 255;
                if (file[i] == -1 && next != 0 && next != 0xff && !(next >= 0xd0 && next <= 0xd7)) {
                    return i;
                }
            }
            throw cutOff();
        }

        PictureHeader gif() throws BadPictureException {
            need(0, 13);
            width = little16(6);
            height = little16(8);
            int at = 13 + ((file[10] & 0x80) == 0 ? 0 : 3 << ((file[10] & 7) + 1));
            boolean found = false;
            while (!found) {
                need(at, 1);
                int kind = file[at] & 255;
                if (kind == 0x21) {
                    at = endOfBlocks(at + 2);
                } else if (kind == 0x2c) {
                    need(at, 10);
                    width = Math.max(width, little16(at + 1) + little16(at + 5));
                    height = Math.max(height, little16(at + 3) + little16(at + 7));
                    at += 10 + ((file[at + 9] & 0x80) == 0 ? 0 : 3 << ((file[at + 9] & 7) + 1));
                    endOfBlocks(at + 1);
                    found = true;
                } else {
                    throw broken();
                }
            }
            parts.add(new int[] {0, file.length});
            return done(PictureFormat.GIF);
        }

        private int endOfBlocks(int from) throws BadPictureException {
            int at = from;
            while (true) {
                need(at, 1);
                int length = file[at] & 255;
                at += length + 1;
                if (length == 0) {
                    return at;
                }
            }
        }

        PictureHeader webp() throws BadPictureException {
            need(0, 20);
            long riff = (little32(4) & 0xffffffffL) + 8;
            if (riff > file.length) {
                throw cutOff();
            }
            int at = 12;
            while (at + 8 <= riff) {
                String type = ascii(at, 4);
                int length = little32(at + 4);
                if (length < 0) {
                    throw broken();
                }
                need(at + 8, length);
                switch (type) {
                    case "VP8X" -> {
                        need(at + 8, 10);
                        atLeast(little24(at + 12) + 1, little24(at + 15) + 1);
                    }
                    case "VP8 " -> {
                        need(at + 8, 10);
                        if (length < 10 || (file[at + 11] & 255) != 0x9d) {
                            throw broken();
                        }
                        atLeast(little16(at + 14) & 0x3fff, little16(at + 16) & 0x3fff);
                    }
                    case "VP8L" -> {
                        need(at + 8, 5);
                        if (length < 5 || file[at + 8] != 0x2f) {
                            throw broken();
                        }
                        int bits = little32(at + 9);
                        atLeast((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
                    }
                    case "EXIF" -> orientation = exif(at + 8, length);
                    default -> {} // frames of an animation lie within the canvas
                }
                at += 8 + length + (length & 1);
            }
            parts.add(new int[] {0, file.length});
            return done(PictureFormat.WEBP);
        }

        private void atLeast(int w, int h) {
            width = Math.max(width, w);
            height = Math.max(height, h);
        }

        /** The orientation in a TIFF structure; 1 for whatever makes no sense. */
        private int exif(int at, int length) {
            int start = length >= 6 && ascii(at, 4).equals("Exif") ? at + 6 : at;
            int end = Math.min(at + length, file.length);
            if (end - start < 14) {
                return 1;
            }
            boolean little = file[start] == 'I';
            long directory = start + (tiff(start + 4, 4, little) & 0xffffffffL);
            if (directory + 2 > end) {
                return 1;
            }
            int count = tiff((int) directory, 2, little);
            for (int i = 0; i < count; i++) {
                long entry = directory + 2 + 12L * i;
                if (entry + 12 > end) {
                    return 1;
                }
                if (tiff((int) entry, 2, little) == 0x0112) {
                    int value = tiff((int) entry + 8, 2, little);
                    return value >= 1 && value <= 8 ? value : 1;
                }
            }
            return 1;
        }

        private int tiff(int at, int bytes, boolean little) {
            int value = 0;
            for (int i = 0; i < bytes; i++) {
                value = (value << 8) | (file[little ? at + bytes - 1 - i : at + i] & 255);
            }
            return value;
        }

        private PictureHeader done(PictureFormat format) throws BadPictureException {
            if (width < 1 || height < 1) {
                throw new BadPictureException("the " + what + " file says it has no pixels");
            }
            return new PictureHeader(
                    format, width, height, orientation, components, adobeTransform, icc, gamma, List.copyOf(parts));
        }

        private void need(int at, long length) throws BadPictureException {
            if (at + length > file.length) {
                throw cutOff();
            }
        }

        private BadPictureException cutOff() {
            return new BadPictureException("the " + what + " file is cut off");
        }

        private BadPictureException broken() {
            return new BadPictureException("the " + what + " file is damaged");
        }

        private String ascii(int at, int length) {
            return new String(file, at, length, ISO_8859_1);
        }

        private int int16(int at) {
            return ((file[at] & 255) << 8) | (file[at + 1] & 255);
        }

        private int int32(int at) {
            return (int16(at) << 16) | int16(at + 2);
        }

        private int little16(int at) {
            return (file[at] & 255) | ((file[at + 1] & 255) << 8);
        }

        private int little24(int at) {
            return little16(at) | ((file[at + 2] & 255) << 16);
        }

        private int little32(int at) {
            return little16(at) | (little16(at + 2) << 16);
        }
    }
}
