-- The privacy policy and the terms: which versions this installation has shown, and who accepted which.

CREATE TABLE document_versions (
    -- 'privacy' or 'terms'.
    document TEXT NOT NULL,
    version TEXT NOT NULL,
    effective_at BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    -- SHA-256 of its texts: a version that was shown is not altered afterwards.
    digest BYTES NOT NULL,
    PRIMARY KEY (document, version)
);

CREATE TABLE document_acceptances (
    user_id BIGINT NOT NULL,
    document TEXT NOT NULL,
    version TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (user_id, document, version)
);
