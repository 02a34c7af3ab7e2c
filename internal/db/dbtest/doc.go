// Package dbtest gives a test a fresh, migrated database of each kind.
//
// SQLite is a file in the test's folder. PostgreSQL is a server that the tests
// start themselves, as an unprivileged user, from the machine's own package;
// SAFELIGHT_TEST_POSTGRES names one that runs already (the test command starts
// one for all packages). A machine without PostgreSQL fails the test: nothing
// is skipped in silence.
package dbtest
