"""Run as a process of its own, with little memory and time: an AVIF from standard input, a PNG to standard output."""

import sys

from PIL import AvifImagePlugin, Image

if __name__ == "__main__":
    if sys.platform != "win32":
        import resource

        # 13 megapixels of twelve bits with transparency take 231 MB.
        resource.setrlimit(resource.RLIMIT_DATA, (240_000_000, 240_000_000))
        resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[2]), int(sys.argv[2])))
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = int(sys.argv[1]) // 2  # what has twice as many is refused
    picture = Image.open(sys.stdin.buffer, formats=("AVIF",))
    picture.save(sys.stdout.buffer, "PNG", compress_level=0, exif=picture.getexif())
