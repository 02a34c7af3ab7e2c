package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	gcblob "gocloud.dev/blob"
	"gocloud.dev/blob/s3blob"

	"safelight/internal/blob"
)

// A target is what a URL says.
type target struct {
	bucket, prefix   string
	endpoint, region string
	pathStyle        bool
}

func parse(raw string) (target, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return target{}, errors.New("s3: the URL cannot be read") // its text may hold a secret
	}
	if u.User != nil {
		return target{}, errors.New("s3: the URL holds credentials; they belong in the environment")
	}
	if u.Scheme != "s3" || u.Host == "" || u.Fragment != "" {
		return target{}, fmt.Errorf("s3: %q is not s3://bucket/prefix?…", raw)
	}
	t := target{bucket: u.Host, prefix: strings.Trim(u.Path, "/")}
	if t.prefix != "" {
		if err := blob.CheckKey(t.prefix); err != nil {
			return target{}, fmt.Errorf("s3: prefix: %w", err)
		}
	}
	return t, t.parameters(u.RawQuery)
}

func (t *target) parameters(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return fmt.Errorf("s3: parameters: %w", err)
	}
	for name := range values {
		value := values.Get(name)
		switch name {
		case "endpoint":
			t.endpoint, err = value, checkEndpoint(value)
		case "region":
			t.region = value
		case "path_style":
			t.pathStyle, err = strconv.ParseBool(value)
		default:
			err = errors.New("there is no such parameter")
		}
		if err != nil {
			return fmt.Errorf("s3: parameter %s: %w", name, err)
		}
	}
	if t.endpoint != "" && t.region == "" {
		t.region = "us-east-1" // such services ignore it, but the signature needs one
	}
	return nil
}

func checkEndpoint(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("it must be http://host:port or https://host:port")
	}
	return nil
}

func (t *target) connect(ctx context.Context) (*gcblob.Bucket, error) {
	cfg, err := config.LoadDefaultConfig(ctx, t.settings()...)
	if err != nil {
		return nil, err
	}
	if cfg.Region == "" {
		return nil, errors.New("no region: set the parameter region or AWS_REGION")
	}
	client := awss3.NewFromConfig(cfg, func(o *awss3.Options) {
		o.UsePathStyle = t.pathStyle
		if t.endpoint != "" {
			o.BaseEndpoint = aws.String(t.endpoint)
		}
	})
	bucket, err := s3blob.OpenBucket(ctx, client, t.bucket, &s3blob.Options{
		RequestChecksumCalculation: cfg.RequestChecksumCalculation,
	})
	if err != nil {
		return nil, err
	}
	if t.prefix != "" {
		bucket = gcblob.PrefixedBucket(bucket, t.prefix+"/")
	}
	return bucket, nil
}

func (t *target) settings() []func(*config.LoadOptions) error {
	settings := []func(*config.LoadOptions) error{
		config.WithHTTPClient(newHTTPClient()),
		config.WithRetryMaxAttempts(3),
	}
	if t.region != "" {
		settings = append(settings, config.WithRegion(t.region))
	}
	if t.endpoint != "" {
		// Services other than AWS do not all know the newer checksums.
		settings = append(settings,
			config.WithRequestChecksumCalculation(aws.RequestChecksumCalculationWhenRequired),
			config.WithResponseChecksumValidation(aws.ResponseChecksumValidationWhenRequired))
	}
	return settings
}

func newHTTPClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = 5 * time.Second }).
		WithTransportOptions(func(tr *http.Transport) {
			tr.TLSHandshakeTimeout = 5 * time.Second
			tr.ResponseHeaderTimeout = callLimit
			tr.MaxIdleConnsPerHost = 32
		})
}
