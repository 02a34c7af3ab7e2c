// Package s3 keeps blobs in a bucket of an S3-compatible service, through
// gocloud.dev's s3blob and the AWS SDK.
//
// Invariants
//
//   - A blob appears when its upload is complete, in one piece; an upload that
//     fails is abandoned, its parts too (blobtest, TestAbandonedUploadLeavesNoParts).
//   - A reader holds on to the version it opened by its ETag: where that is
//     overwritten in the middle, reads fail (TestReaderDoesNotMixVersions).
//   - A connection that breaks in the middle of a blob is picked up where it
//     broke, at most three times without progress (TestBrokenReadIsPickedUp).
//   - Every call ends: requests without a body within half a minute and three
//     tries, transfers when nothing moves for a minute (TestSilentServiceIsGivenUp).
//   - Nothing secret is in the URL (TestURLIsChecked).
//
// It does not decide what a key may be or when a blob goes; package blob and the
// slices do.
package s3
