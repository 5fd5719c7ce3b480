"""What the starter models are taught to hear: about two hundred words, and phrases made of them."""

from __future__ import annotations

import numpy as np

GROUPS: dict[str, str] = {
    "digit": "zero one two three four five six seven eight nine",
    "number": "ten eleven twelve twenty thirty forty fifty hundred thousand",
    "verb": "open close start stop play pause show hide find call move turn set send read write listen look wait go come bring take give make keep",
    "object": "door window light lamp radio timer alarm music song picture book letter message number name map key box table chair cup water fire phone camera clock bell wheel engine train",
    "place": "house garden forest river mountain valley village city street bridge station harbor field island kitchen",
    "nature": "thunder rain wind storm cloud snow sun moon star sea wave sky stone tree leaf flower bird dog cat horse fish bee",
    "color": "red green blue yellow black white brown gray orange",
    "quality": "big small long short high low loud quiet fast slow warm cold old new dark bright soft near far good",
    "time": "morning noon evening night today tomorrow yesterday minute hour day week month year now later never always",
    "person": "mother father sister brother friend teacher doctor child man woman",
    "small": "the a and or of in on at over under from to with for is are was not my your his her it we you they i",
    "politeness": "yes no please thanks hello goodbye",
}
WORDS: dict[str, list[str]] = {group: words.split() for group, words in GROUPS.items()}
VOCABULARY: list[str] = sorted({word for words in WORDS.values() for word in words})

# a group in angle brackets is replaced by one of its words
SENTENCES = """
please <verb> the <object>
<verb> the <color> <object>
the <object> is <color>
the <quality> <nature> is over the <place>
the <nature> and the <nature> are <quality>
<verb> a timer for <number> minute
call my <person> <time>
my <person> is in the <place>
is the <object> in the <place>
hello <person> it is <digit> in the <time>
the <nature> in the <place> was <quality>
<verb> your <object> to the <person>
we go to the <place> <time>
they <verb> the <object> from the <place>
<quality> <nature> <quality> <nature>
the number is <digit> <digit> <digit>
<digit> <color> <object> and <digit> <color> <object>
listen to the <nature> over the <place>
turn the <object> on please
no thanks i <verb> it <time>
""".strip().splitlines()

AT_RANDOM = 0.5  # share of phrases whose words follow from nothing


def phrase(rng: np.random.Generator) -> str:
    """Two to eight words: half of the time drawn at random, so that what comes next is not known from what came before."""
    kind = rng.random()
    if kind < AT_RANDOM:
        return " ".join(rng.choice(VOCABULARY, rng.integers(2, 8)))
    if kind < 0.65:
        return " ".join(rng.choice(WORDS["digit"], rng.integers(2, 8)))
    words = []
    for word in str(rng.choice(SENTENCES)).split():
        words.append(str(rng.choice(WORDS[word[1:-1]])) if word.startswith("<") else word)
    return " ".join(words)
