-- Whose answers are left out of what is counted, by which rule, and why. The answers stay, and so do these rows when
-- somebody is readmitted: what was decided when can be told.
CREATE TABLE exclusion (
    campaign_id   VARCHAR NOT NULL,
    annotator_id  VARCHAR NOT NULL,
    rule          VARCHAR NOT NULL,      -- by_hand: a person has decided it
    detail        VARCHAR NOT NULL,
    excluded_at   TIMESTAMPTZ NOT NULL,
    readmitted_at TIMESTAMPTZ,           -- NULL: it stands
    PRIMARY KEY (campaign_id, annotator_id, rule, excluded_at)
);

CREATE VIEW excluded AS
SELECT DISTINCT campaign_id, annotator_id FROM exclusion WHERE readmitted_at IS NULL;
