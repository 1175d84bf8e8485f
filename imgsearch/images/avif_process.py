"""Run as a process of its own: an AVIF picture from standard input as a PNG to standard output, in bounded memory."""

import sys

from PIL import AvifImagePlugin, Image

if __name__ == "__main__":
    if sys.platform != "win32":
        import resource

        # 13 megapixels of twelve bits with transparency take 231 MB.
        resource.setrlimit(resource.RLIMIT_DATA, (240_000_000, 240_000_000))
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = int(sys.argv[1]) // 2  # what has twice as many is refused
    picture = Image.open(sys.stdin.buffer, formats=("AVIF",))
    picture.save(sys.stdout.buffer, "PNG", compress_level=0, exif=picture.getexif())
