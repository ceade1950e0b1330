// Command database makes a Trivy database of advisories written down in a JSON file and pushes it to a registry
// as the OCI artifact that trivy downloads.
//
// Usage: database ADVISORIES.json http://HOST:PORT REPOSITORY TAG
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
)

type advisory struct {
	Package, ID, Severity, Title string
	// Separated by "||", as Trivy reads them, and by ", ".
	Vulnerable, Fixed string
}

// Where Trivy looks for Python's packages.
const source = "pip::GitHub Security Advisory Pip"

var severities = map[string]int{"LOW": 1, "MEDIUM": 2, "HIGH": 3, "CRITICAL": 4}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 5 {
		log.Fatal("usage: database ADVISORIES.json http://HOST:PORT REPOSITORY TAG")
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		log.Fatal(err)
	}
}

func run(file, registry, repository, tag string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var advisories []advisory
	if err := json.Unmarshal(content, &advisories); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	folder, err := os.MkdirTemp("", "trivy-database")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if err := write(filepath.Join(folder, "trivy.db"), advisories); err != nil {
		return err
	}
	now := time.Now().UTC()
	metadata, err := json.Marshal(map[string]any{"Version": 2, "UpdatedAt": now, "NextUpdate": now.AddDate(1, 0, 0), "DownloadedAt": time.Time{}})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "metadata.json"), metadata, 0o600); err != nil {
		return err
	}
	layer, err := pack(folder, "trivy.db", "metadata.json")
	if err != nil {
		return err
	}
	return push(registry, repository, tag, layer)
}

func write(path string, advisories []advisory) error {
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Update(func(tx *bolt.Tx) error {
		sources := map[string]any{"ID": "ghsa", "Name": "GitHub Security Advisory Pip", "URL": "https://github.com/advisories?query=type%3Areviewed+ecosystem%3Apip"}
		if err := put(tx, sources, source, "data-source"); err != nil {
			return err
		}
		for _, a := range advisories {
			severity, known := severities[a.Severity]
			if !known {
				return fmt.Errorf("%s: no severity is called %q", a.ID, a.Severity)
			}
			ranges := map[string]any{"PatchedVersions": strings.Split(a.Fixed, ", "), "VulnerableVersions": strings.Split(a.Vulnerable, " || ")}
			if err := put(tx, ranges, a.ID, source, a.Package); err != nil {
				return err
			}
			detail := map[string]any{"Title": a.Title, "Severity": a.Severity, "VendorSeverity": map[string]int{"ghsa": severity}}
			if err := put(tx, detail, a.ID, "vulnerability"); err != nil {
				return err
			}
		}
		return nil
	})
}

// put stores value as JSON under key, in a bucket by the names of those around it.
func put(tx *bolt.Tx, value any, key string, buckets ...string) error {
	bucket, err := tx.CreateBucketIfNotExists([]byte(buckets[0]))
	for _, name := range buckets[1:] {
		if err != nil {
			return err
		}
		bucket, err = bucket.CreateBucketIfNotExists([]byte(name))
	}
	if err != nil {
		return err
	}
	content, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return bucket.Put([]byte(key), content)
}

func pack(folder string, names ...string) ([]byte, error) {
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zipped)
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return nil, err
		}
		if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content))}); err != nil {
			return nil, err
		}
		if _, err := archive.Write(content); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	if err := zipped.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

func push(registry, repository, tag string, layer []byte) error {
	const manifestType = "application/vnd.oci.image.manifest.v1+json"
	config := []byte("{}")
	database := descriptor("application/vnd.aquasec.trivy.db.layer.v1.tar+gzip", layer)
	// Trivy stops without it.
	database["annotations"] = map[string]string{"org.opencontainers.image.title": "db.tar.gz"}
	manifest, err := json.Marshal(map[string]any{
		"schemaVersion": 2,
		"mediaType":     manifestType,
		"config":        descriptor("application/vnd.aquasec.trivy.config.v1+json", config),
		"layers":        []any{database},
	})
	if err != nil {
		return err
	}
	base := registry + "/v2/" + repository
	for _, blob := range [][]byte{config, layer} {
		started, err := send(http.MethodPost, base+"/blobs/uploads/", "", nil, http.StatusAccepted)
		if err != nil {
			return err
		}
		address, err := started.Request.URL.Parse(started.Header.Get("Location"))
		if err != nil {
			return err
		}
		query := address.Query()
		query.Set("digest", digest(blob))
		address.RawQuery = query.Encode()
		if _, err := send(http.MethodPut, address.String(), "application/octet-stream", blob, http.StatusCreated); err != nil {
			return err
		}
	}
	_, err = send(http.MethodPut, base+"/manifests/"+tag, manifestType, manifest, http.StatusCreated)
	return err
}

func descriptor(mediaType string, content []byte) map[string]any {
	return map[string]any{"mediaType": mediaType, "digest": digest(content), "size": len(content)}
}

func digest(content []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(content)) }

func send(method, url, contentType string, body []byte, expected int) (*http.Response, error) {
	request, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != expected {
		said, _ := io.ReadAll(io.LimitReader(response.Body, 1000))
		return nil, fmt.Errorf("%s %s answered %s: %s", method, url, response.Status, said)
	}
	return response, nil
}
