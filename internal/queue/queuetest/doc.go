// Package queuetest lets a slice's tests run its jobs on a test's database.
package queuetest
