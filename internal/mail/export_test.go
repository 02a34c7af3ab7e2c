package mail

import (
	"time"

	"safelight/internal/db"
	"safelight/internal/queue"
)

const Attempts = attempts

var Backoff = backoff

// RegisterImpatient is Register without pauses between the attempts.
func RegisterImpatient(q *queue.Queue, d *db.DB, s Sender) {
	register(q, d, s, func(int) time.Duration { return time.Millisecond })
}
