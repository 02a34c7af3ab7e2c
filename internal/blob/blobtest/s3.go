package blobtest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Bucket is the bucket that [S3] makes.
const Bucket = "safelight-test"

// S3 starts an S3 service with an empty bucket on loopback until the test ends
// and returns the bucket's URL for s3.Open. It sets credentials in the process's
// environment, which child processes inherit, so the test cannot be parallel.
// Use another prefix of the path for a store of its own.
func S3(t testing.TB) (url string) {
	t.Helper()
	url, _ = S3Through(t, func(h http.Handler) http.Handler { return h })
	return url
}

// S3Through is S3 with the service behind a handler of the test's own, which may
// delay, break or count requests. It returns the backend too.
func S3Through(t testing.TB, front func(http.Handler) http.Handler) (url string, backend *s3mem.Backend) {
	t.Helper()
	backend = s3mem.New()
	if err := backend.CreateBucket(Bucket); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(front(gofakes3.New(backend).Server()))
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID":           "test",
		"AWS_SECRET_ACCESS_KEY":       "test",
		"AWS_SESSION_TOKEN":           "",
		"AWS_CONFIG_FILE":             "/dev/null",
		"AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
		"AWS_EC2_METADATA_DISABLED":   "true",
	} {
		t.Setenv(name, value)
	}
	return "s3://" + Bucket + "?endpoint=" + server.URL + "&region=us-east-1&path_style=true", backend
}
