"""The methods in words, each with its source; only of what the report shows."""

from collections.abc import Collection, Sequence
from typing import Final

from annotation.agreement.crossed_pql import CROSSED_AT_MOST, VOTES_AT_MOST
from annotation.report.asked import Asked
from annotation.report.settings import ReportSettings
from annotation.votes.scales import Level

_OF_TABLE: Final = {
    "rates": (
        "Rates: the share of votes that count as a yes. The interval to cite (low, high) is for other people and other "
        "items: Wilson's interval (1927) on the effective number of votes (Korn & Graubard 1998), from the two-way "
        "variance of Cameron, Gelbach & Miller (2011) by {draws} bootstrap draws of people and items (Efron 1979; Owen "
        "2007). Beside it stand Wilson's interval as if votes were independent, which is too short, and percentile "
        "intervals over draws of items alone and of people alone."
    ),
    "coefficients": (
        "Coefficients of agreement: percent agreement of pairs of people (Fleiss 1971), Krippendorff's alpha (2004) in "
        "the metrics that suit the scale, Fleiss' kappa (1971), Gwet's AC1 (2008) and, on ordered scales, AC2 (2014), "
        "PABAK (Byrt, Bishop & Carlin 1993), and Cohen's kappa (1960) where exactly two people voted. Kappa and alpha "
        "are near 0 for votes of which nearly all are the same, whatever people's agreement (Feinstein & Cicchetti "
        "1990): read them beside AC1 and percent agreement. Intervals as for rates, {draws} draws."
    ),
    "group_effects": (
        "Group effects: for each demographic a mixed-effects logistic regression with crossed random intercepts of "
        "people and items (Baayen, Davidson & Bates 2008), by maximum likelihood with Laplace's approximation (Breslow "
        "& Clayton 1993); with more than {crossed:,} people and as many items, or {votes:,} votes, by penalised "
        "quasi-likelihood (Schall 1991) with Laplace's correction to first order. Differences are of marginal rates, "
        "in percentage points, by the delta method; odds ratios are of a person and an item given: two measures, each "
        "labelled. The p-value is of all groups of a demographic together (likelihood ratio, or Wald's test by "
        "quasi-likelihood, referred to F), adjusted over all demographics and questions by Benjamini & Hochberg "
        "(1995). A demographic is looked at by itself: what another one explains of a difference is not taken out."
    ),
    "pooled": (
        "Small groups: differences to the mean of all people are pulled towards it, the more the less is known of a "
        "group (normal hierarchical model: Efron & Morris 1975; Gelman et al. 2013, section 5.4). `own` says how much "
        "of the figure is the group's own. With fewer than three groups none is pulled."
    ),
    "intersections": (
        "Intersections: raw rates of two demographics crossed, with the intervals of rates, in cells of at least "
        "{least_cell} people. Smaller cells of one category of the first demographic are merged into one; where even "
        "these are too few, they are withheld and counted (Hundepool et al. 2012)."
    ),
    "item_contrasts": (
        "Items: each category against everybody else who said one, item by item, with Fisher's exact test (1934) on "
        "answers of different people. Benjamini-Hochberg over all items, categories, demographics and questions holds "
        "false discoveries to {rate:.0%} of the differences that are called real. Differences in percentage points "
        "have Newcombe's interval (1998, method 10), ratios of rates that of Donner & Zou (2012); both are for this "
        "one item, and not corrected for having looked at many. `detectable` is the difference that a single test "
        "would find with {power:.0%} chance. With fewer than {least_asked} answers in either group, or where not even "
        "the most extreme answers would have been significant (Tarone 1990), the result is: too few people to tell."
    ),
    "item_scores": (
        "Items on ordered scales: a permutation test of the variation between groups' mean scores (Pitman 1938), "
        "sequential Monte Carlo (Besag & Clifford 1991), Benjamini-Hochberg over all. On an ordinal scale the scores "
        "are the numbers that people chose, or the places of the answers in words, from 1: equal steps are assumed. "
        "The difference is of the groups with the least and the greatest mean; being picked for that, it has Welch's "
        "interval (1947) widened for all pairs of groups (Bonferroni). `detectable` is the difference of these two "
        "groups that a single test would find with {power:.0%} chance."
    ),
    "labels": (
        "Labels: the share of votes for each answer is what should be released; disagreement is kept. Beside it the "
        "majority (a tie is shared out), and the posteriors of Dawid & Skene (1979) and MACE (Hovy et al. 2013). These "
        "two hold that an item has one true answer and whoever says otherwise errs, which values need not have."
    ),
    "missing_perspective": (
        "Missing perspectives: the share of people who said at least once that theirs is missing, with Wilson's "
        "interval, protocol by protocol: how people were asked matters more than anything else (Sorensen et al. 2024), "
        "so protocols are never pooled."
    ),
    "representativeness": (
        "Target population: shares of the voters against the target with Wilson's intervals, Pearson's test of fit "
        "(1900) and the index of dissimilarity (Duncan & Duncan 1955). Weights by raking (Deming & Stephan 1940), at "
        "most {cap:g} times the mean (Izrael, Battaglia & Frankel 2009). Weighted rates stand beside unweighted ones "
        "(plain_low, plain_high) with Taylor intervals over people, items as they are (Cochran 1977)."
    ),
    "quality": (
        "Quality: median seconds, longest run of one answer, share of the commonest answer, consistency on repeats, "
        "and gold items (Meade & Craig 2012). It excludes nobody by itself, and nobody is measured against the others' "
        "answers: whoever differs is whom the study is about."
    ),
    "looks": (
        "Looks on the way: alpha spending (Lan & DeMets 1983) of the {spending} kind, two-sided, {rate:.0%} in all for "
        "each demographic, shared among its categories (Bonferroni). The statistic is a category's difference to the "
        "mean of all people over its standard error."
    ),
}


_OPENLY: Final = (
    "Asked openly: whether something is missing was read from what people wrote before they saw a list. An answer is "
    "split into phrases and these are put together as wishes; the answer says that something is missing if the list "
    "that its writer was shown afterwards has neither a canonical form of one of its wishes nor a text near enough "
    "({reading}), and no teacher that was asked about that wish (campaign enrich) has said that it means entries of "
    "that list. What a campaign's own wishes brought into the dataset later counts as missing, as it was then; an "
    "answer that names nothing counts as not missing; one that could not be read to its end is in refused, with the "
    "reason. Nobody checked the reading: what is not recognised as listed counts as missing. Embeddings recognise "
    "little (of 34 phrases that a language model wrote to mean what was listed, 5), so the rate is too high as long "
    "as no teacher was asked, and its interval is of people and not of the reading."
)


def methods(
    tables: Collection[str], settings: ReportSettings, questions: Sequence[Asked], reading: str = ""
) -> tuple[str, ...]:
    """Return a paragraph for each method behind a table that is there.

    Args:
        tables: their names.
        settings: fill the gaps in the paragraphs.
        questions: tell which scales there are.
        reading: how answers in people's own words were read; "" where none were.
    """
    facts = {
        "draws": f"{settings.draws:,}",
        "least_cell": settings.least_cell,
        "least_asked": settings.least_asked,
        "rate": settings.rate,
        "power": settings.power,
        "cap": settings.cap,
        "spending": settings.spending,
        "crossed": CROSSED_AT_MOST,
        "votes": VOTES_AT_MOST,
    }
    told = [text.format_map(facts) for name, text in _OF_TABLE.items() if name in tables]
    openly = [_OPENLY.format(reading=reading)] if reading else []
    return (*told, *openly, *_scales(questions))


def _scales(questions: Sequence[Asked]) -> list[str]:
    words = []
    for question in questions:
        facts = question.facts
        how = "found from the answers" if facts.found else "declared"
        yes = f"; {' or '.join(facts.yes)} counts as a yes" if facts.yes else "; no answer counts as a yes"
        order = " in this order" if facts.level in (Level.ORDINAL, Level.INTERVAL) else ""
        answers = ", ".join(facts.answers[:12]) + (", ..." if len(facts.answers) > 12 else "")
        article = "a" if facts.level in (Level.BINARY, Level.NOMINAL) else "an"
        words.append(f"Question {facts.id}: {article} {facts.level} scale ({how}) of {answers}{order}{yes}.")
    return words
