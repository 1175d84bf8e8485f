"""A WordNet of a few nouns, in the form of its files."""

LICENCE = "  1 This is the licence, which is indented.\n"

# entity > animal > dog > pug, collie; toy > pug, which is a toy, too; a pug is also a clay mill.
DATA = """\
00000001 03 n 01 entity 0 000 | that which is
00000002 05 n 02 animal 0 beast 0 001 @ 00000001 n 0000 | an animal
00000003 05 n 02 dog 0 domestic_dog 0 002 @ 00000002 n 0000 ~ 00000004 n 0000 | a dog; "it barks | loudly"
00000004 05 n 01 pug 0 002 @ 00000003 n 0000 @ 00000006 n 0000 | a small dog
00000005 05 n 01 collie 0 001 @ 00000003 n 0000 | a sheep dog
00000006 05 n 01 toy 0 001 @ 00000002 n 0000 | a small animal
00000007 06 n 01 pug 0 001 @ 00000001 n 0000 | a mill for clay
00000008 05 n 01 husky 0 001 @ 00000003 n 0000 | a sled dog
00000009 05 n 01 mouse 0 001 @ 00000002 n 0000 | a small animal
00000010 05 n 01 Rex 0 001 @i 00000003 n 0000 | a certain dog
"""
INDEX = """\
animal n 1 1 @ 1 1 00000002
beast n 1 1 @ 1 0 00000002
collie n 1 1 @ 1 0 00000005
dog n 1 2 @ ~ 1 1 00000003
domestic_dog n 1 2 @ ~ 1 0 00000003
entity n 1 0 1 0 00000001
husky n 1 1 @ 1 0 00000008
mouse n 1 1 @ 1 0 00000009
pug n 2 1 @ 2 1 00000004 00000007
rex n 1 1 @i 1 0 00000010
toy n 1 1 @ 1 0 00000006
"""
COUNTS = "dog%1:05:00:: 1 42\npug%1:06:00:: 2 1\npug%1:05:00:: 7 3\nanimal%3:00:00:: 1 9\n"
PLURALS = "oxen ox\nmice mouse\n"


def write_wordnet(folder):
    """The four files that are read."""
    for name, text in (("data.noun", DATA), ("index.noun", INDEX), ("cntlist.rev", COUNTS), ("noun.exc", PLURALS)):
        (folder / name).write_text(text if name in ("cntlist.rev", "noun.exc") else LICENCE + text, encoding="latin-1")
