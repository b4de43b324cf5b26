"""What came of all trials, as a table."""

import collections

BEGIN = "<!-- Tests/Faults/faults.py --write: what stands below is its output -->"
END = "<!-- end -->"


def percent(part, whole):
    return f"{100 * part / whole:.0f} %" if whole else "–"


def table(results, harmless, seed):
    tallies = collections.defaultdict(collections.Counter)
    for result in results:
        tally = tallies[result.kind]
        tally[result.outcome] += 1
        tally["placed"] += result.is_placed is True
        tally["explained"] += result.is_explained is True
        tally["with cause"] += result.is_explained is not None
    faults = {name: tally for name, tally in tallies.items() if name not in harmless}
    calm = {name: tally for name, tally in tallies.items() if name in harmless}
    return "\n".join([*of_faults(faults), "", *of_harmless(calm), "", *summary(faults, calm, seed)])


def of_faults(tallies):
    yield "| fault | tried | found | refused | layer named | cause named |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, tally in sorted(tallies.items()):
        found = tally["found"]
        tried = found + tally["refused"] + tally["missed"] + tally["crashed"]
        if tried:
            cause = percent(tally["explained"], tally["with cause"])
            yield f"| {name} | {tried} | {found} | {tally['refused']} | {percent(tally['placed'], found)} | {cause} |"


def of_harmless(tallies):
    yield "| what means nothing | tried | matched |"
    yield "| --- | --- | --- |"
    for name, tally in sorted(tallies.items()):
        tried = tally["matched"] + tally["alarm"] + tally["crashed"]
        if tried:
            yield f"| {name} | {tried} | {tally['matched']} |"


def summary(faults, calm, seed):
    total = sum(faults.values(), collections.Counter())
    quiet = sum(calm.values(), collections.Counter())
    tried = total["found"] + total["refused"] + total["missed"] + total["crashed"]
    explained = [name for name, tally in faults.items() if tally["with cause"]]
    good = [name for name in explained if faults[name]["explained"] >= 0.9 * faults[name]["with cause"]]
    yield (f"Seed {seed}: {tried} faults of {len(faults)} kinds, {total['found']} found, {total['refused']} refused as a file "
           f"that can't be read or computed, {total['missed']} missed; the layer named in {percent(total['placed'], total['found'])}, "
           f"the cause in nine of ten in {len(good)} of the {len(explained)} kinds that have one. {total['same']} changes changed "
           f"no byte and were none.")
    yield (f"{quiet['matched'] + quiet['alarm']} pairs that are the same model, {quiet['alarm']} refused. "
           f"{total['crashed'] + quiet['crashed']} crashes.")


def written(page, text):
    """The page with the text between the marks."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END, 1)[1]}"
