"""ISA in both its forms: the same investigation says the same, whichever file it stands in."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.metadata.formats import isa_json, isa_tab
from batchdep.metadata.formats.base import Reading
from tests.unit.metadata.strategies import JSON, patient

OBI = "http://purl.obolibrary.org/obo/"


def term(name: str, accession: str = "") -> dict[str, str]:
    return {"annotationValue": name, "termAccession": accession, "termSource": "OBI" if accession else ""}


INVESTIGATION: dict[str, Any] = {
    "identifier": "",
    "title": "",
    "description": "",
    "submissionDate": "",
    "publicReleaseDate": "",
    "ontologySourceReferences": [{"name": "OBI", "file": "", "version": "", "description": "", "comments": []}],
    "publications": [],
    "people": [],
    "comments": [],
    "studies": [
        {
            "filename": "s_petals.txt",
            "identifier": "MTBLS404",
            "title": "Scent of petals",
            "description": "Volatiles of <40 cultivars & their petals.",
            "submissionDate": "2018-05-01",
            "publicReleaseDate": "2018-07-02T00:00:00Z",
            "publications": [
                {
                    "doi": "10.1038/s41588-018-0110-3",
                    "pubMedID": "29713014",
                    "authorList": "Raymond O, Gouzy J.",
                    "title": "The Rosa genome",
                    "status": term("published"),
                },
                {
                    "doi": "",
                    "pubMedID": "",
                    "authorList": "Doe J",
                    "title": "More of it",
                    "status": term("in preparation"),
                },
            ],
            "people": [
                {
                    "lastName": "Bendahmane",
                    "firstName": "Mohammed",
                    "midInitials": "",
                    "email": "m@example.org",
                    "phone": "",
                    "fax": "",
                    "address": "",
                    "affiliation": "ENS Lyon",
                    "roles": [term("principal investigator role", OBI + "OBI_0000103"), term("submitter")],
                    "comments": [{"name": "Study Person ORCID", "value": "https://orcid.org/0000-0002-1825-0097"}],
                },
                {
                    "lastName": "Doe",
                    "firstName": "Jane",
                    "midInitials": "Q",
                    "email": "",
                    "phone": "+1 1",
                    "fax": "",
                    "address": "",
                    "affiliation": "",
                    "roles": [],
                    "comments": [],
                },
            ],
            "studyDesignDescriptors": [term("intervention design", OBI + "OBI_0000115"), term("Rosa")],
            "factors": [
                {"factorName": "genotype", "factorType": term("genotype", "EFO_0000513")},
                {"factorName": "organ", "factorType": term("organism part", "http://www.ebi.ac.uk/efo/EFO_0000635")},
            ],
            "assays": [
                {
                    "filename": "a_gc.txt",
                    "measurementType": term("metabolite profiling", OBI + "OBI_0000366"),
                    "technologyType": term("mass spectrometry", OBI + "OBI_0000470"),
                    "technologyPlatform": "Agilent 5977",
                }
            ],
            "protocols": [
                {
                    "name": "extraction",
                    "protocolType": term("extraction"),
                    "description": "Petals in hexane.",
                    "uri": "https://doi.org/10.17504/protocols.io.abc",
                    "version": "2",
                    "parameters": [{"parameterName": term("solvent")}, {"parameterName": term("time")}],
                    "components": [{"componentName": "mill", "componentType": term("instrument")}],
                }
            ],
            "comments": [
                {"name": "Funding Agency", "value": "Agence nationale de la recherche"},
                {"name": "Grant Number", "value": "ANR-13-BSV7-0014"},
                {"name": "License", "value": "CC0 1.0"},
                {"name": "Consent Information (ICO:0000011)", "value": "no restriction (DUO:0000004)"},
                {"name": "Revision", "value": "7"},
            ],
        }
    ],
}

TAB = """# made by hand
ONTOLOGY SOURCE REFERENCE
"Term Source Name"	"OBI"
INVESTIGATION
Investigation Identifier	""
Investigation Title	""
Investigation Description	""
Investigation Submission Date	""
Investigation Public Release Date	""
INVESTIGATION PUBLICATIONS
Investigation PubMed ID
INVESTIGATION CONTACTS
Investigation Person Last Name
STUDY
Study Identifier	MTBLS404
Study Title	"Scent of petals"
Study Description	"Volatiles of <40 cultivars & their petals."
Study Submission Date	2018-05-01
Study Public Release Date	2018-07-02
Study File Name	s_petals.txt
Comment[Funding Agency]	Agence nationale de la recherche
Comment[Grant Number]	ANR-13-BSV7-0014
Comment [License]	CC0 1.0
Comment[Consent Information (ICO:0000011)]	no restriction (DUO:0000004)
Comment[Revision]	7
STUDY DESIGN DESCRIPTORS
Study Design Type	intervention design	Rosa
Study Design Type Term Accession Number	http://purl.obolibrary.org/obo/OBI_0000115
Study Design Type Term Source REF	OBI
STUDY PUBLICATIONS
Study PubMed ID	29713014
Study Publication DOI	10.1038/s41588-018-0110-3
Study Publication Author List	Raymond O, Gouzy J.	Doe J
Study Publication Title	The Rosa genome	"More
of it"
Study Publication Status	published	in preparation
STUDY FACTORS
Study Factor Name	genotype	organ
Study Factor Type	genotype	organism part
Study Factor Type Term Accession Number	EFO_0000513	http://www.ebi.ac.uk/efo/EFO_0000635
STUDY ASSAYS
Study Assay File Name	a_gc.txt
Study Assay Measurement Type	metabolite profiling
Study Assay Measurement Type Term Accession Number	http://purl.obolibrary.org/obo/OBI_0000366
Study Assay Technology Type	mass spectrometry
Study Assay Technology Type Term Accession Number	http://purl.obolibrary.org/obo/OBI_0000470
Study Assay Technology Platform	Agilent 5977
STUDY PROTOCOLS
Study Protocol Name	extraction
Study Protocol Type	extraction
Study Protocol Description	Petals in hexane.
Study Protocol URI	https://doi.org/10.17504/protocols.io.abc
Study Protocol Version	2
Study Protocol Parameters Name	solvent;time
Study Protocol Components Name	mill
Study Protocol Components Type	instrument
STUDY CONTACTS
Study Person Last Name	Bendahmane	Doe
Study Person First Name	Mohammed	Jane
Study Person Mid Initials		Q
Study Person Email	m@example.org
Study Person Phone		+1 1
Study Person Affiliation	ENS Lyon
Study Person Roles	principal investigator role; submitter
Study Person Roles Term Accession Number	http://purl.obolibrary.org/obo/OBI_0000103;
Comment[Study Person ORCID]	https://orcid.org/0000-0002-1825-0097
""".replace("More\nof it", "More of it")

BENDAHMANE = {"name": "Bendahmane, Mohammed", "affiliation": "ENS Lyon", "orcid": "0000-0002-1825-0097"}


def notes(reading: Reading) -> str:
    return "\n".join(note.message for note in reading.notes)


def test_everything_that_a_study_says() -> None:
    reading = isa_json.read(INVESTIGATION)
    paper = {"relation": "isSupplementTo", "resource_type": "publication-article"}
    assert reading.metadata == {
        "upload_type": "dataset",
        "title": "Scent of petals",
        "description": "Volatiles of <40 cultivars & their petals.",
        "publication_date": "2018-07-02",
        "creators": [BENDAHMANE],
        "contributors": [
            {**BENDAHMANE, "type": "ProjectLeader"},
            {**BENDAHMANE, "type": "ContactPerson"},
            {"name": "Doe, Jane Q", "type": "Other"},
        ],
        "related_identifiers": [
            {"identifier": "https://www.ebi.ac.uk/metabolights/MTBLS404", "relation": "isIdenticalTo"},
            {"identifier": "10.1038/s41588-018-0110-3", **paper},
            {"identifier": "pmid:29713014", **paper},
            {"identifier": "https://doi.org/10.17504/protocols.io.abc", "relation": "isDocumentedBy"},
        ],
        "references": [
            "Raymond O, Gouzy J. The Rosa genome. 10.1038/s41588-018-0110-3",
            "Doe J. More of it (in preparation)",
        ],
        "subjects": [
            {"term": "intervention design", "identifier": OBI + "OBI_0000115", "scheme": "url"},
            {"term": "organism part", "identifier": "http://www.ebi.ac.uk/efo/EFO_0000635", "scheme": "url"},
            {"term": "metabolite profiling", "identifier": OBI + "OBI_0000366", "scheme": "url"},
            {"term": "mass spectrometry", "identifier": OBI + "OBI_0000470", "scheme": "url"},
        ],
        "keywords": ["Rosa", "genotype", "organ", "Agilent 5977"],
        "grants": [{"id": "10.13039/501100001665::ANR-13-BSV7-0014"}],
        "license": "CC0-1.0",
        "notes": "<p>Consent Information (ICO:0000011): no restriction (DUO:0000004)</p>",
        "method": "<p><strong>extraction</strong> (version 2): Petals in hexane. Parameters: solvent, time. "
        "Components: mill (instrument).</p>",
    }
    told = notes(reading)
    for words in (
        "submission date 2018-05-01",
        "e-mail",
        "the comment Revision is not taken over: 7",
        "EFO_0000513 of genotype",
    ):
        assert words in told
    assert len(reading.notes) == 4
    assert "m@example.org" not in str(reading.metadata)


def test_twins_say_the_same() -> None:
    tab, json = isa_tab.read(TAB), isa_json.read(INVESTIGATION)
    assert tab.metadata == json.metadata
    assert [note.message for note in tab.notes] == [note.message for note in json.notes]
    assert tab.origins.keys() == json.origins.keys()


def line_of(text: str) -> int:
    return TAB[: TAB.index(text)].count("\n") + 1


def test_origins_are_paths_in_json_and_lines_and_columns_in_tab() -> None:
    json, tab = isa_json.read(INVESTIGATION).origins, isa_tab.read(TAB).origins
    assert json["title",] == ("studies", 0, "title")
    assert tab["title",] == (line_of("Study Title"), 2)
    assert json["contributors", 2] == ("studies", 0, "people", 1)
    assert tab["contributors", 2] == (line_of("Study Person Last Name"), 3)
    assert json["keywords", 0] == ("studies", 0, "studyDesignDescriptors", 1, "annotationValue")
    assert tab["keywords", 0] == (line_of("Study Design Type\t"), 3)


def test_the_only_study_speaks_for_the_dataset() -> None:
    content = {**INVESTIGATION, "title": "Investigation", "description": "Of a program", "identifier": "ISA-1"}
    reading = isa_json.read(content)
    assert reading.metadata["title"] == "Scent of petals"
    assert "investigation title is not taken over: the study's is" in notes(reading)
    assert "investigation description is not taken over" in notes(reading)
    assert "`investigation identifier` ISA-1 is not taken over" in notes(reading)


def test_several_studies_are_described_by_their_investigation() -> None:
    second = {"title": "Scent of <leaves>", "description": "<p>Green</p>", "people": [{"lastName": "Roe"}]}
    content = copy.deepcopy(INVESTIGATION) | {
        "title": "Scent",
        "description": "All of it.",
        "people": [
            {"lastName": "Doe", "firstName": "Jane", "midInitials": "Q", "affiliation": "A", "roles": [term("author")]}
        ],
    }
    content["studies"].append(second)
    reading = isa_json.read(content)
    assert reading.metadata["title"] == "Scent"
    assert reading.metadata["description"] == (
        "<p>All of it.</p><h3>Scent of petals</h3><p>Volatiles of &lt;40 cultivars &amp; their petals.</p>"
        "<h3>Scent of &lt;leaves&gt;</h3><p>Green</p>"
    )
    assert reading.metadata["creators"] == [{"name": "Doe, Jane Q", "affiliation": "A"}, BENDAHMANE]
    tab = isa_tab.read("INVESTIGATION\nInvestigation Title\tI\nSTUDY\nStudy Title\tA\nSTUDY\nStudy Title\tB\n")
    assert tab.metadata == {"upload_type": "dataset", "title": "I", "description": "<h3>A</h3><h3>B</h3>"}


def test_a_person_of_several_parts_stands_once() -> None:
    author = {"lastName": "Doe", "firstName": "Jane", "roles": [term("author")]}
    again = {**author, "lastName": "DOE", "affiliation": "ENS", "roles": [term("author"), term("submitter")]}
    studies = [{"title": "A", "people": [again]}, {"title": "B", "people": [author]}]
    reading = isa_json.read({"ontologySourceReferences": [], "people": [author], "studies": studies})
    assert reading.metadata["creators"] == [{"name": "Doe, Jane", "affiliation": "ENS"}]
    assert reading.metadata["contributors"] == [{"name": "Doe, Jane", "affiliation": "ENS", "type": "ContactPerson"}]


def test_a_word_is_a_subject_or_a_keyword_and_stands_once() -> None:
    design = [term("Genotype", OBI + "OBI_1"), term("genotype"), term("Organ"), term("organ")]
    reading = isa_json.read({"ontologySourceReferences": [], "studies": [{"studyDesignDescriptors": design}]})
    assert [subject["term"] for subject in reading.metadata["subjects"]] == ["Genotype"]
    assert reading.metadata["keywords"] == ["Organ"]


def test_an_identifier_of_both_the_study_and_its_investigation_is_told_once() -> None:
    reading = isa_json.read({"identifier": "X 1", "ontologySourceReferences": [], "studies": [{"identifier": "X 1"}]})
    assert [note.path for note in reading.notes] == [("studies", 0, "identifier")]


def test_a_release_that_is_to_come_is_told() -> None:
    content = copy.deepcopy(INVESTIGATION)
    content["studies"][0]["publicReleaseDate"] = "2999-01-01"
    reading = isa_json.read(content)
    assert reading.metadata["publication_date"] == "2999-01-01"
    assert "embargo_date: 2999-01-01" in notes(reading)
    assert "embargo_date" not in notes(isa_json.read(INVESTIGATION))


def test_an_open_quotation_mark_costs_one_row() -> None:
    reading = isa_tab.read('INVESTIGATION\nInvestigation Title\t"Old Blush\nInvestigation Description\tRoses\n')
    assert reading.metadata == {"upload_type": "dataset", "title": "Old Blush", "description": "Roses"}


def test_a_value_over_several_lines() -> None:
    reading = isa_tab.read('STUDY\r\nStudy Description\t"one\r\n\r\n""two"""\t\r\nStudy Title\tT\r\n')
    assert reading.metadata["description"] == 'one\n\n"two"'
    assert reading.origins["title",] == (5, 2)


def test_remarks_say_nothing() -> None:
    reading = isa_tab.read('STUDY\n# Study Title\tno\nStudy Title\t"T\n#\tnot of the title\nStudy Identifier\t\n')
    assert reading.metadata == {"upload_type": "dataset", "title": "T"}
    assert reading.notes == []


def test_lines_are_counted_behind_a_value_of_several() -> None:
    reading = isa_tab.read('STUDY\nStudy Title\tT\nStudy Description\t"one\n\ntwo"\nWords\tnobody knows\n')
    assert [(note.message, note.path) for note in reading.notes] == [("Words is not taken over", (6,))]


def test_values_beyond_the_readers_limit() -> None:
    text = "x" * 200_000
    reading = isa_tab.read(f"STUDY\nStudy Title\tT\nStudy Description\t{text}\nStudy Identifier\tS\n")
    assert reading.metadata["description"] == text


def test_rows_that_nobody_knows_are_noted() -> None:
    reading = isa_tab.read(
        "STUDY\nStudy Title\tT\nStudy Titel\tU\nStudy Title\tV\nSTUDY ASSAYS\nComment[Lab]\tX\nStudy Empty\t\n"
    )
    assert [(note.message, note.path) for note in reading.notes] == [
        ("Study Titel is not taken over", (3,)),
        ("Study Title in line 4 is not taken over", (4,)),
        ("Comment[Lab] is not taken over", (6,)),
    ]


def test_grants_and_funders_stand_side_by_side() -> None:
    def read(*comments: tuple[str, str]) -> Reading:
        study = {"title": "T", "comments": [{"name": name, "value": value} for name, value in comments]}
        return isa_json.read({"ontologySourceReferences": [], "studies": [study]})

    two = read(("Funder", "NSF; Wellcome"), ("Grant Identifier", "12;34"))
    assert two.metadata["grants"] == [{"id": "10.13039/100000001::12"}, {"id": "10.13039/100004440::34"}]
    shared = read(("Funder", "NSF"), ("Grant Identifier", "12;34"))
    assert shared.metadata["grants"] == [{"id": "10.13039/100000001::12"}, {"id": "10.13039/100000001::34"}]
    alone = read(("Grant Number", "12"), ("Sponsor", ""))
    assert "grants" not in alone.metadata
    assert "the funding 12 is not taken over" in notes(alone)
    assert "NSF is not taken over: it has no award number" in notes(read(("Funder", "NSF")))


@pytest.mark.parametrize(
    "content",
    [
        {"studies": []},
        {"studies": [{"title": "T"}]},
        {"studies": "x", "ontologySourceReferences": []},
        {"studies": [1], "ontologySourceReferences": []},
        {"title": "T", "creators": []},
        [],
        None,
    ],
)
def test_other_json_is_not_recognised(content: Any) -> None:
    assert not isa_json.recognises(content)


@pytest.mark.parametrize(
    "content", ["", "Title: a\nSTUDY\n", "Study Title\tT\n", "INVESTIGATION\nStudy Title\tT\n", None, {}]
)
def test_other_text_is_not_recognised(content: Any) -> None:
    assert not isa_tab.recognises(content)


def test_isa_is_recognised() -> None:
    assert isa_json.recognises(INVESTIGATION)
    assert isa_json.recognises({"studies": [{"processSequence": []}]})
    assert isa_tab.recognises(TAB)
    assert isa_tab.recognises('"STUDY"\n"Study Identifier"\t"x"\n')


STUDY = INVESTIGATION["studies"][0]
KEYS = st.sampled_from(
    [
        *sorted({*INVESTIGATION, *STUDY, *STUDY["people"][0], *STUDY["publications"][0], *STUDY["protocols"][0]}),
        *("annotationValue", "termAccession", "name", "value", "factorName", "parameterName"),
    ]
)
ANY = st.recursive(JSON, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5))


@patient
@given(st.dictionaries(KEYS, ANY, max_size=6), st.lists(st.dictionaries(KEYS, ANY, max_size=6), max_size=3))
def test_no_json_raises(content: dict[str, Any], studies: list[dict[str, Any]]) -> None:
    isa_json.recognises(content)
    content |= {"studies": studies, "ontologySourceReferences": []}
    assert isa_json.recognises(content)
    reading = isa_json.read(content)
    assert {key[0] for key in reading.origins} == set(reading.metadata)


@patient
@given(ANY)
def test_recognising_raises_nothing(content: Any) -> None:
    isa_json.recognises(content)
    isa_tab.recognises(content)


LABELS = st.sampled_from([line.partition("\t")[0] for line in TAB.splitlines()])
VALUES = st.text(max_size=8) | st.sampled_from(["author;", '"', ";;", "10.1234/x", "\r", "\t", "\x00", "\u2028", "NSF"])


@patient
@given(st.lists(st.tuples(LABELS | VALUES, st.lists(VALUES, max_size=4)), max_size=30))
def test_no_text_raises(rows: list[tuple[str, list[str]]]) -> None:
    text = "\n".join("\t".join([label, *values]) for label, values in rows)
    isa_tab.recognises(text)
    reading = isa_tab.read(text)
    assert {key[0] for key in reading.origins} == set(reading.metadata)
