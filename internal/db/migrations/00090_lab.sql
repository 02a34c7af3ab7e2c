-- What people laid down and what was made of it. A deleted image keeps its row
-- as a tombstone: no name, no hash, no keys.
CREATE TABLE lab_image (
	image        TEXT   NOT NULL PRIMARY KEY,
	account      TEXT   NOT NULL,
	role         TEXT   NOT NULL CHECK (role IN ('original', 'result')),
	name         TEXT   NOT NULL,
	format       TEXT   NOT NULL,
	width        BIGINT NOT NULL,
	height       BIGINT NOT NULL,
	alpha        BIGINT NOT NULL,
	bytes        BIGINT NOT NULL,
	sha256       TEXT   NOT NULL,
	file_key     TEXT   NOT NULL,
	thumb_key    TEXT   NOT NULL,
	preview_key  TEXT   NOT NULL,
	small_format TEXT   NOT NULL,
	source       TEXT   NOT NULL,
	job          TEXT   NOT NULL,
	engine       TEXT   NOT NULL,
	model        TEXT   NOT NULL,
	created_at   BIGINT NOT NULL,
	expires_at   BIGINT NOT NULL,
	deleted_at   BIGINT,
	CHECK (deleted_at IS NULL OR (name = '' AND sha256 = '' AND file_key = '' AND thumb_key = '' AND preview_key = ''))
) /*STRICT*/;
CREATE INDEX lab_image_account ON lab_image (account, image) WHERE deleted_at IS NULL;
CREATE INDEX lab_image_source ON lab_image (source) WHERE deleted_at IS NULL AND source <> '';
CREATE INDEX lab_image_expiry ON lab_image (expires_at) WHERE deleted_at IS NULL;

-- "strength" is in thousandths, -1 for the engine's own choice. "attempt" counts
-- the attempts that began: only the last one may end the job.
CREATE TABLE lab_job (
	job          TEXT   NOT NULL PRIMARY KEY,
	account      TEXT   NOT NULL,
	image        TEXT   NOT NULL,
	operation    TEXT   NOT NULL,
	scale        BIGINT NOT NULL,
	strength     BIGINT NOT NULL CHECK (strength BETWEEN -1 AND 1000),
	model        TEXT   NOT NULL,
	format       TEXT   NOT NULL,
	engine       TEXT   NOT NULL,
	width        BIGINT NOT NULL,
	height       BIGINT NOT NULL,
	cost         BIGINT NOT NULL CHECK (cost > 0),
	charged      BIGINT NOT NULL,
	hold         TEXT   NOT NULL,
	status       TEXT   NOT NULL CHECK (status IN ('queued', 'running', 'success', 'failed', 'cancelled')),
	progress     BIGINT NOT NULL CHECK (progress BETWEEN 0 AND 100),
	queue_job    TEXT   NOT NULL,
	attempt      BIGINT NOT NULL,
	result       TEXT   NOT NULL,
	result_sha256 TEXT  NOT NULL,
	failure      TEXT   NOT NULL,
	failure_args TEXT   NOT NULL,
	ip           TEXT   NOT NULL,
	user_agent   TEXT   NOT NULL,
	created_at   BIGINT NOT NULL,
	started_at   BIGINT,
	ended_at     BIGINT,
	CHECK (charged = CASE WHEN status = 'success' THEN cost ELSE 0 END),
	CHECK ((result <> '') = (status = 'success')),
	CHECK ((failure <> '') = (status = 'failed')),
	CHECK ((ended_at IS NULL) = (status IN ('queued', 'running')))
) /*STRICT*/;
CREATE INDEX lab_job_account ON lab_job (account, job);
CREATE INDEX lab_job_image ON lab_job (image, job);
CREATE INDEX lab_job_active ON lab_job (account) WHERE status IN ('queued', 'running');
CREATE INDEX lab_job_ended ON lab_job (account, ended_at) WHERE ended_at IS NOT NULL;

-- Blobs to be deleted when they are due. A blob that is about to be written
-- stands here too, until the row that owns it commits; "claimed" says that its
-- deletion has begun, so that nobody can own it any more.
CREATE TABLE lab_leftover (
	blob    TEXT   NOT NULL PRIMARY KEY,
	due_at  BIGINT NOT NULL,
	claimed BIGINT NOT NULL
) /*STRICT*/;
CREATE INDEX lab_leftover_due ON lab_leftover (due_at);

-- Uploads that arrive in pieces. "got" is how many bytes have arrived.
CREATE TABLE lab_upload (
	upload     TEXT   NOT NULL PRIMARY KEY,
	account    TEXT   NOT NULL,
	name       TEXT   NOT NULL,
	bytes      BIGINT NOT NULL CHECK (bytes > 0),
	got        BIGINT NOT NULL CHECK (got BETWEEN 0 AND bytes),
	image      TEXT   NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
) /*STRICT*/;
CREATE INDEX lab_upload_account ON lab_upload (account);
CREATE INDEX lab_upload_expiry ON lab_upload (expires_at);

CREATE TABLE lab_upload_part (
	upload   TEXT   NOT NULL,
	offset_at BIGINT NOT NULL,
	bytes    BIGINT NOT NULL CHECK (bytes > 0),
	blob     TEXT   NOT NULL,
	PRIMARY KEY (upload, offset_at)
) /*STRICT*/;
