// Package queue runs jobs that are enqueued in a transaction, on SQLite and on
// PostgreSQL alike.
package queue
