-- From where it was asked what a list lacks. The answers have the name as their subject.
CREATE TABLE point_of_view (
    name        VARCHAR PRIMARY KEY,
    description VARCHAR NOT NULL
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
