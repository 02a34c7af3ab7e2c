package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/fault"
)

const jobColumns = `job, account, image, operation, scale, strength, model, format, engine, width, height, cost, charged, hold,
	status, progress, queue_job, attempt, result, result_sha256, failure, failure_args, created_at, started_at, ended_at`

func scanJob(scan func(dest ...any) error) (j Job, err error) {
	var args string
	err = scan(&j.ID, &j.Account, &j.Image, &j.Operation, &j.Scale, &j.Strength, &j.Model, &j.Format, &j.Engine, &j.Width, &j.Height,
		&j.Cost, &j.Charged, &j.hold, &j.Status, &j.Progress, &j.queued, &j.attempt, &j.Result, &j.ResultSHA256,
		&j.Failure.Code, &args, &j.Created, &j.Started, &j.Ended)
	if err == nil && args != "" {
		err = json.Unmarshal([]byte(args), &j.Failure.Args)
	}
	return j, err
}

func insertJob(ctx context.Context, tx *db.Tx, j Job, r Request) error {
	n, err := tx.Exec(ctx, `INSERT INTO lab_job (job, account, image, operation, scale, strength, model, format, engine, width, height,
			cost, charged, hold, status, progress, queue_job, attempt, result, result_sha256, failure, failure_args, ip, user_agent, created_at, once)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, 'queued', 0, $14, 0, '', '', '', '', $15, $16, $17, $18)
		ON CONFLICT (account, once) WHERE once <> '' DO NOTHING`,
		string(j.ID), string(j.Account), string(j.Image), string(j.Operation), j.Scale, j.Strength, j.Model, string(j.Format), j.Engine,
		j.Width, j.Height, j.Cost, string(j.hold), string(j.queued), r.Client.IP, r.Client.UserAgent, j.Created, r.Key)
	if err == nil && n == 0 {
		return ErrTwice
	}
	return err
}

// oneJob scans the answer of a statement that gives one job; none is missing.
func oneJob(r db.Row, missing error) (Job, error) {
	j, err := scanJob(r.Scan)
	if errors.Is(err, db.ErrNoRows) {
		return Job{}, missing
	}
	if err != nil {
		return Job{}, fmt.Errorf("lab: read a job: %w", err)
	}
	return j, nil
}

func findJob(ctx context.Context, tx *db.Tx, who account.ID, id JobID) (Job, error) {
	return oneJob(tx.QueryRow(ctx, `SELECT `+jobColumns+` FROM lab_job WHERE job = $1 AND account = $2`, string(id), string(who)), ErrNoJob)
}

func jobByKey(ctx context.Context, tx *db.Tx, who account.ID, key string) (Job, error) {
	return oneJob(tx.QueryRow(ctx, `SELECT `+jobColumns+` FROM lab_job WHERE account = $1 AND once = $2 AND once <> ''`,
		string(who), key), ErrNoJob)
}

func listJobs(ctx context.Context, tx *db.Tx, who account.ID, p Page) ([]Job, error) {
	return db.All(ctx, tx, scanJob, `SELECT `+jobColumns+` FROM lab_job
		WHERE account = $1 AND ($2 = '' OR job < $2) ORDER BY job DESC LIMIT $3`, string(who), p.Before, p.limit())
}

func jobsOf(ctx context.Context, tx *db.Tx, who account.ID, image ImageID, limit int) ([]Job, error) {
	return db.All(ctx, tx, scanJob, `SELECT `+jobColumns+` FROM lab_job
		WHERE image = $1 AND account = $2 ORDER BY job DESC LIMIT $3`, string(image), string(who), limit)
}

// lastJobs gives the newest job on each of who's images from one id to another.
func lastJobs(ctx context.Context, tx *db.Tx, who account.ID, from, to ImageID) ([]Job, error) {
	return db.All(ctx, tx, scanJob, `SELECT `+jobColumns+` FROM lab_job j
		WHERE account = $1 AND image >= $2 AND image <= $3
			AND NOT EXISTS (SELECT 1 FROM lab_job n WHERE n.image = j.image AND n.job > j.job)`, string(who), string(from), string(to))
}

// activeJobs are who's that have not ended, the oldest first: those on one
// image, or all if it is empty.
func activeJobs(ctx context.Context, tx *db.Tx, who account.ID, image ImageID, limit int) ([]Job, error) {
	return db.All(ctx, tx, scanJob, `SELECT `+jobColumns+` FROM lab_job
		WHERE account = $1 AND status IN ('queued', 'running') AND ($2 = '' OR image = $2) ORDER BY job LIMIT $3`,
		string(who), string(image), limit)
}

// activeUpTo counts who's jobs that have not ended, but not further than most.
func activeUpTo(ctx context.Context, tx *db.Tx, who account.ID, most int) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) FROM (
		SELECT 1 AS n FROM lab_job WHERE account = $1 AND status IN ('queued', 'running') LIMIT $2) AS counted`, string(who), most).Scan(&n)
	return n, err
}

func lastEnded(ctx context.Context, tx *db.Tx, who account.ID, limit int) ([]Job, error) {
	return db.All(ctx, tx, scanJob, `SELECT `+jobColumns+` FROM lab_job
		WHERE account = $1 AND ended_at IS NOT NULL ORDER BY ended_at DESC, job DESC LIMIT $2`, string(who), limit)
}

// The ways between the statuses. Each is one statement that names the status it
// comes from, so that of two that race one loses, with errOvertaken.

// toRunning begins an attempt; whatever attempt was under way is over with it.
func toRunning(ctx context.Context, tx *db.Tx, id JobID) (Job, error) {
	return oneJob(tx.QueryRow(ctx, `UPDATE lab_job SET status = 'running', progress = 0, attempt = attempt + 1,
			started_at = COALESCE(started_at, $2)
		WHERE job = $1 AND status IN ('queued', 'running') RETURNING `+jobColumns, string(id), tx.Now()), errOvertaken)
}

// toQueued puts a job back whose attempt did not succeed.
func toQueued(ctx context.Context, tx *db.Tx, j Job) error {
	_, err := tx.Exec(ctx, `UPDATE lab_job SET status = 'queued', progress = 0
		WHERE job = $1 AND status = 'running' AND attempt = $2`, string(j.ID), j.attempt)
	return err
}

func toSuccess(ctx context.Context, tx *db.Tx, j Job, result Image) error {
	n, err := tx.Exec(ctx, `UPDATE lab_job SET status = 'success', progress = 100, charged = cost, result = $3, result_sha256 = $4,
			ended_at = $5
		WHERE job = $1 AND status = 'running' AND attempt = $2`, string(j.ID), j.attempt, string(result.ID), result.SHA256, tx.Now())
	return overtaken(n, err)
}

// toFailed ends a job of which no attempt goes on, or the attempt's own.
func toFailed(ctx context.Context, tx *db.Tx, j Job, anyAttempt bool, why *fault.Error) error {
	args, err := json.Marshal(why.Args)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE lab_job SET status = 'failed', failure = $3, failure_args = $4, ended_at = $5
		WHERE job = $1 AND status IN ('queued', 'running') AND ($6 = 1 OR attempt = $2)`,
		string(j.ID), j.attempt, why.Code, string(args), tx.Now(), anyAttempt)
	return overtaken(n, err)
}

func toCancelled(ctx context.Context, tx *db.Tx, id JobID) error {
	n, err := tx.Exec(ctx, `UPDATE lab_job SET status = 'cancelled', ended_at = $2
		WHERE job = $1 AND status IN ('queued', 'running')`, string(id), tx.Now())
	return overtaken(n, err)
}

func setProgress(ctx context.Context, tx *db.Tx, j Job, percent int) error {
	n, err := tx.Exec(ctx, `UPDATE lab_job SET progress = $3 WHERE job = $1 AND status = 'running' AND attempt = $2`,
		string(j.ID), j.attempt, percent)
	return overtaken(n, err)
}

func overtaken(n int64, err error) error {
	if err == nil && n != 1 {
		return errOvertaken
	}
	return err
}

// jobByID reads a job whoever it belongs to, for the work alone.
func jobByID(ctx context.Context, tx *db.Tx, id JobID) (Job, error) {
	return oneJob(tx.QueryRow(ctx, `SELECT `+jobColumns+` FROM lab_job WHERE job = $1`, string(id)), ErrNoJob)
}
