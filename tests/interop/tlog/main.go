// The Go packages that the Go checksum database is built with judge our checkpoints and proofs, and
// make some for us to judge. A bundle is one JSON object, the same in both directions:
//
//	tlog check < bundle     verifies everything in it, prints how much that was
//	tlog make N < /dev/null prints a bundle of a log of N records
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const name = "go.acme.example/log"

type Inclusion struct {
	Index int64       `json:"index"`
	Size  int64       `json:"size"`
	Path  []tlog.Hash `json:"path"`
}

type Consistency struct {
	Old  int64       `json:"old"`
	Size int64       `json:"size"`
	Path []tlog.Hash `json:"path"`
}

type Bundle struct {
	Key         string        `json:"key"`
	Records     []string      `json:"records"`
	Checkpoints []string      `json:"checkpoints"` // signed notes
	Inclusion   []Inclusion   `json:"inclusion"`
	Consistency []Consistency `json:"consistency"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "tlog:", err)
		os.Exit(1)
	}
}

// The log as this package stores it.
type store []tlog.Hash

func (s *store) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(*s)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		out[i] = (*s)[index]
	}
	return out, nil
}

func (s *store) add(n int, record string) {
	hashes, err := tlog.StoredHashes(int64(n), []byte(record), s)
	must(err)
	*s = append(*s, hashes...)
}

func text(size int64, root tlog.Hash) string {
	return fmt.Sprintf("%s\n%d\n%s\n", name, size, root)
}

// Size and root of an opened note whose origin is `origin`.
func parse(text, origin string) (int64, tlog.Hash) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] != origin || lines[len(lines)-1] != "" {
		must(fmt.Errorf("not the text of a checkpoint: %q", text))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return size, root
}

func check(b Bundle) {
	var s store
	for n, record := range b.Records {
		s.add(n, record)
	}
	verifier, err := note.NewVerifier(b.Key)
	must(err)
	roots := map[int64]tlog.Hash{}
	for _, text := range b.Checkpoints {
		opened, err := note.Open([]byte(text), note.VerifierList(verifier))
		must(err)
		size, root := parse(opened.Text, verifier.Name())
		ours, err := tlog.TreeHash(size, &s)
		must(err)
		if ours != root {
			must(fmt.Errorf("another root at size %d", size))
		}
		roots[size] = root
	}
	for _, p := range b.Inclusion {
		must(tlog.CheckRecord(p.Path, p.Size, roots[p.Size], p.Index, tlog.RecordHash([]byte(b.Records[p.Index]))))
	}
	for _, p := range b.Consistency {
		must(tlog.CheckTree(p.Path, p.Size, roots[p.Size], p.Old, roots[p.Old]))
	}
	fmt.Printf("%d checkpoints, %d inclusion, %d consistency\n", len(b.Checkpoints), len(b.Inclusion), len(b.Consistency))
}

func makeBundle(count int) Bundle {
	private, public, err := note.GenerateKey(rand.Reader, name)
	must(err)
	signer, err := note.NewSigner(private)
	must(err)
	b := Bundle{Key: public}
	var s store
	for n := 0; n < count; n++ {
		b.Records = append(b.Records, fmt.Sprintf("record %d", n))
		s.add(n, b.Records[n])
		size := int64(n + 1)
		root, err := tlog.TreeHash(size, &s)
		must(err)
		signed, err := note.Sign(&note.Note{Text: text(size, root)}, signer)
		must(err)
		b.Checkpoints = append(b.Checkpoints, string(signed))
		for index := int64(0); index < size; index += 1 + size/9 {
			path, err := tlog.ProveRecord(size, index, &s)
			must(err)
			b.Inclusion = append(b.Inclusion, Inclusion{index, size, append([]tlog.Hash{}, path...)})
		}
		for old := int64(1); old <= size; old += 1 + size/9 {
			path, err := tlog.ProveTree(size, old, &s)
			must(err)
			b.Consistency = append(b.Consistency, Consistency{old, size, append([]tlog.Hash{}, path...)})
		}
	}
	return b
}

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "check":
		var b Bundle
		input := json.NewDecoder(os.Stdin)
		input.DisallowUnknownFields()
		must(input.Decode(&b))
		check(b)
	case len(os.Args) == 3 && os.Args[1] == "make":
		count, err := strconv.Atoi(os.Args[2])
		must(err)
		var out bytes.Buffer
		must(json.NewEncoder(&out).Encode(makeBundle(count)))
		os.Stdout.Write(out.Bytes())
	default:
		must(fmt.Errorf("usage: tlog check | tlog make N"))
	}
}
