// Package sqlite is db on SQLite in one file.
//
// One connection writes. Closures that wait for it run one after another, under
// one BEGIN IMMEDIATE and one durable commit (write-ahead log,
// synchronous=FULL), and each caller is answered after that commit. When one of
// them fails after it wrote, the group runs again with each closure in a
// savepoint, and so do the next groups. The connection is given back after every group, so that the job
// engine's own statements take their turn. Readers have a pool of their own.
//
// A statement is never interrupted half-way: SQLite would roll back the whole
// group. A cancelled caller is turned away before its closure starts.
//
// Its invariants are those of package db, tested there on both databases;
// besides: a group is one commit (TestWaitingClosuresShareACommit), also when
// one of it fails (TestAClosureThatFailsAfterWritingLeavesItsGroupWhole).
package sqlite
