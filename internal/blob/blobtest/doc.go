// Package blobtest is the suite that every blob store passes, and an S3 service
// in the test's own process for tests that need one.
//
// It does not test what only one store promises (durability, links, retries);
// those tests are beside that store.
package blobtest
