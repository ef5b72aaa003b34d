-- What a release holds, one row per consideration. LEFT joins: a row that lost its situation or its answer
-- shows as NULL and fails a check instead of vanishing from the release.
CREATE VIEW release_row AS
SELECT
    situation.text AS situation,
    consideration.vrd,
    consideration.text,
    consideration.explanation,
    consideration.valence,
    consideration.situation_id,
    consideration.id AS consideration_id,
    consideration.teacher,
    answer.model,
    answer.prompt_version,
    consideration.request_hash,
    consideration.position,
    consideration.relevance,
    consideration.conflict_id,
    situation.flags,
    situation.source,
    situation.source_id,
    situation.licence,
    situation.language,
    situation.arrival
FROM consideration
LEFT JOIN situation ON situation.id = consideration.situation_id
LEFT JOIN answer ON answer.request_hash = consideration.request_hash;
