-- What people say is missing. Nobody's words are here: these stay in `vote`, and go with it.

-- What several ways to put it have in common; the subject of the questions to teachers about it.
CREATE TABLE wish (
    id           VARCHAR PRIMARY KEY,
    situation_id VARCHAR NOT NULL,
    listed_id    VARCHAR,              -- the consideration of the situation that says the same; NULL: none does
    runs         VARCHAR[] NOT NULL    -- digests of what a teacher may not repeat word by word
);

-- Decisions that stay: a phrase never moves from one wish to another.
CREATE TABLE wish_phrase (
    digest  VARCHAR PRIMARY KEY,       -- of the situation and the phrase, which cannot be read from it
    wish_id VARCHAR NOT NULL
);

-- Who voiced it, as the answers are now; written anew whenever these are looked at.
CREATE TABLE wish_voice (
    campaign_id  VARCHAR NOT NULL,
    situation_id VARCHAR NOT NULL,
    uid          VARCHAR NOT NULL,     -- of the page
    question     VARCHAR NOT NULL,
    annotator_id VARCHAR NOT NULL,
    phrase       VARCHAR NOT NULL,
    wish_id      VARCHAR NOT NULL,
    PRIMARY KEY (uid, question, phrase)
);

-- What has become of the wishes: the considerations that say what people asked for, whoever was the first to say it.
CREATE VIEW wished_consideration AS
SELECT DISTINCT said.consideration_id, answer.subject AS wish_id
FROM said JOIN answer USING (request_hash) WHERE answer.purpose = 'missing'
UNION
SELECT consideration.id, wish.id FROM wish JOIN consideration ON consideration.id = wish.listed_id;

-- How many people asked for a consideration, and where. A voice whose answer has gone since counts no more, nor does
-- that of somebody who is excluded.
CREATE VIEW asked_for AS
SELECT
    consideration_id,
    count(DISTINCT wish_voice.annotator_id)::INTEGER AS people,
    list_sort(list(DISTINCT wish_voice.campaign_id)) AS campaigns
FROM wished_consideration
JOIN wish_voice USING (wish_id)
SEMI JOIN vote ON vote.uid = wish_voice.uid AND vote.question = wish_voice.question
    AND vote.annotator_id = wish_voice.annotator_id
ANTI JOIN excluded ON excluded.campaign_id = wish_voice.campaign_id
    AND excluded.annotator_id = wish_voice.annotator_id
GROUP BY consideration_id;
