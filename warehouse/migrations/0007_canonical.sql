-- The canonical inventory: decisions that the next release keeps to.

-- A row whose members have all gone stays: its id is never another consideration's.
CREATE TABLE canonical (
    id         VARCHAR PRIMARY KEY,
    founded    BIGINT NOT NULL UNIQUE,   -- 1, 2, 3, ... in the order of founding; the elder one stays in a merge
    vrd        VARCHAR NOT NULL CHECK (vrd IN ('Value', 'Right', 'Duty')),
    label      VARCHAR NOT NULL,
    concern_id VARCHAR NOT NULL
);

CREATE TABLE canonical_member (
    vrd          VARCHAR NOT NULL,
    text         VARCHAR NOT NULL,
    canonical_id VARCHAR NOT NULL,
    how          VARCHAR NOT NULL CHECK (how IN ('label', 'form', 'synonym', 'judged')),
    PRIMARY KEY (vrd, text)
);

-- What people have said of pairs; of two types, whether they name one concern.
CREATE TABLE canonical_judgement (
    arrival   BIGINT NOT NULL,
    vrd_one   VARCHAR NOT NULL,
    one       VARCHAR NOT NULL,
    vrd_other VARCHAR NOT NULL,
    other     VARCHAR NOT NULL,
    same      BOOLEAN NOT NULL,
    PRIMARY KEY (vrd_one, one, vrd_other, other)
);

-- Wordings that a judgement has moved.
CREATE TABLE canonical_change (
    arrival BIGINT NOT NULL,
    kind    VARCHAR NOT NULL CHECK (kind IN ('merge', 'split')),
    vrd     VARCHAR NOT NULL,
    text    VARCHAR NOT NULL,
    from_id VARCHAR NOT NULL,
    to_id   VARCHAR NOT NULL,
    reason  VARCHAR NOT NULL,
    run_id  VARCHAR NOT NULL
);

CREATE OR REPLACE VIEW release_row AS
SELECT
    situation.text AS situation,
    consideration.vrd,
    consideration.text,
    consideration.explanation,
    consideration.valence,
    consideration.situation_id,
    consideration.id AS consideration_id,
    consideration.canonical_id,
    consideration.teacher,
    -- Whoever gave the row has said it; so it is in what was derived before this table was, too.
    coalesce(sayers.teachers, [consideration.teacher]) AS teachers,
    answer.model,
    answer.prompt_version,
    CASE WHEN answer.purpose = 'coverage' THEN answer.subject END AS point_of_view,
    consideration.request_hash,
    consideration.position,
    consideration.relevance,
    consideration.conflict_id,
    coalesce(teacher.output_licence, 'unknown') AS output_licence,
    teacher.may_train,
    situation.flags,
    situation.source,
    situation.source_id,
    situation.licence,
    situation.language,
    situation.arrival
FROM consideration
LEFT JOIN situation ON situation.id = consideration.situation_id
LEFT JOIN answer ON answer.request_hash = consideration.request_hash
LEFT JOIN teacher ON teacher.name = consideration.teacher
LEFT JOIN (
    SELECT consideration_id, list_sort(list(DISTINCT teacher)) AS teachers FROM said GROUP BY consideration_id
) AS sayers ON sayers.consideration_id = consideration.id;
