// The API of `npm run backends` by net/http. Each execution is a line of COUNTS: the request's X-Id.
package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

func main() {
	counts, err := os.OpenFile(os.Getenv("COUNTS"), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		panic(err)
	}
	slow, _ := strconv.Atoi(os.Getenv("SLOW_MS"))
	act := func(action string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "GET" {
				return
			}
			refuses := strings.HasPrefix(r.URL.Path, "/mixed/")
			if action == "read" || action == "mixed" && !refuses {
				// half a body is no login: its sender has given up
				if _, err := io.Copy(io.Discard, r.Body); err != nil {
					return
				}
			}
			counts.WriteString(r.Header.Get("X-Id") + "\n")
			if action == "slow" {
				time.Sleep(time.Duration(slow) * time.Millisecond)
			}
			if action == "drop" || r.URL.Path == "/mixed/drop" {
				connection, _, _ := w.(http.Hijacker).Hijack()
				connection.Close()
				return
			}
			if refuses {
				w.WriteHeader(403)
			}
			io.WriteString(w, "ok")
		}
	}
	mux := http.NewServeMux()
	for _, action := range []string{"read", "slow", "drop", "mixed"} {
		mux.HandleFunc("/"+action, act(action))
		mux.HandleFunc("/"+action+"/", act(action))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/mixed-") {
			io.Copy(io.Discard, r.Body)
		}
		w.WriteHeader(404)
	})
	network := "tcp"
	if strings.HasPrefix(os.Args[1], "/") {
		network = "unix"
	}
	listener, err := net.Listen(network, os.Args[1])
	if err != nil {
		panic(err)
	}
	panic(http.Serve(listener, mux))
}
