-- Who is asked, and on what terms the replies may be used, as the settings of the last build had it.
CREATE TABLE teacher (
    name           VARCHAR PRIMARY KEY,
    endpoint       VARCHAR NOT NULL,
    output_licence VARCHAR NOT NULL,
    may_train      BOOLEAN             -- NULL: nobody has said
);

-- Every item of every answer that parsed, survivors and what was merged into them alike.
CREATE TABLE said (
    consideration_id VARCHAR NOT NULL, -- the survivor
    situation_id     VARCHAR NOT NULL,
    teacher          VARCHAR NOT NULL,
    model            VARCHAR NOT NULL,
    request_hash     VARCHAR NOT NULL,
    position         INTEGER NOT NULL,
    valence          VARCHAR NOT NULL CHECK (valence IN ('Supports', 'Opposes', 'Either')),
    text             VARCHAR NOT NULL,
    PRIMARY KEY (request_hash, position)
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
    consideration.teacher,
    -- Whoever gave the row has said it; so it is in what was derived before this table was, too.
    coalesce(sayers.teachers, [consideration.teacher]) AS teachers,
    answer.model,
    answer.prompt_version,
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
