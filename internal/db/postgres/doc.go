// Package postgres is db on PostgreSQL.
//
// Each closure is one transaction, READ COMMITTED: the statements themselves
// hold the invariants and take their locks by updating a row. A transaction
// that the server could not serialise, or that met a deadlock, runs again with
// a growing pause, up to ten times.
//
// Its invariants are those of package db, tested there on both databases.
package postgres
