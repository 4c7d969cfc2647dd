#pragma once

#include <support/fault_server.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace test {

/// Something that a server on the internet does wrong, as a script that any client can be run against.
struct fault {
  std::string name;
  script request = {};   ///< for each request
  script accept = {};    ///< for each connection, before TLS
  bool only_tls = false; ///< makes sense over https alone
};

/// The faults of HTTP and of the connection below it that eucv is tested against. Two more need no server: a port where
/// nobody listens, and one that lets connections hang (see unreachable.hpp).
inline std::vector<fault> network_faults() {
  using namespace std::chrono_literals;
  const std::string ok = "HTTP/1.1 200 OK\r\n", ten = ok + "Content-Length: 10\r\n\r\n",
                    chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
  const auto reply = [](std::string bytes) { return script{read(), send(std::move(bytes)), close()}; };
  const auto redirect = [&](const std::string& location) {
    return reply("HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  };
  std::string many_headers = ok;
  for (int i = 0; i < 10'000; ++i) many_headers += "X-" + std::to_string(i) + ": y\r\n";
  const auto big = [](const std::string& text) {
    std::string many;
    while (many.size() < 64 * 1024) many += text;
    return many;
  };

  return {
      // The peer is gone, at each phase.
      {.name = "reset when accepted", .accept = {reset()}},
      {.name = "reset in the handshake", .accept = {read(), reset()}, .only_tls = true},
      {.name = "reset before the first byte", .request = {read(), reset()}},
      {.name = "reset in the header", .request = {read(), send(ok + "Content-Le"), reset()}},
      {.name = "reset in the body", .request = {read(), send(ten + "abc"), reset()}},
      {.name = "reset instead of the end", .request = {read(), send(ok + "\r\nabc"), reset()}},
      {.name = "closed before the first byte", .request = {read(), close()}},
      {.name = "closed in the header", .request = reply(ok + "Content-Le")},
      // It is there and silent, or nearly so.
      {.name = "silent in the handshake", .accept = {read(), hold()}, .only_tls = true},
      {.name = "silent before the first byte", .request = {read(), hold()}},
      {.name = "silent in the header", .request = {read(), send(ok + "Content-Le"), hold()}},
      {.name = "silent in the body", .request = {read(), send(ten + "abc"), hold()}},
      {.name = "silent instead of the end", .request = {read(), send(ok + "\r\nabc"), hold()}},
      {.name = "silent behind a complete reply", .request = {read(), send(ten + "0123456789"), hold()}},
      {.name = "header drips", .request = {read(), drip(ok + "X: " + std::string(5000, 'x'), 10ms), hold()}},
      {.name = "body drips",
       .request = {read(), send(ok + "Content-Length: 5000\r\n\r\n"), drip(std::string(5000, 'x'), 10ms), hold()}},
      // The length of the body.
      {.name = "length is no number", .request = reply(ok + "Content-Length: ten\r\n\r\n0123456789")},
      {.name = "length is negative", .request = reply(ok + "Content-Length: -10\r\n\r\n0123456789")},
      {.name = "length beyond 64 bits", .request = reply(ok + "Content-Length: 99999999999999999999\r\n\r\nx")},
      {.name = "length beyond the limit",
       .request = {read(), send(ok + "Content-Length: 9000000000\r\n\r\nx"), hold()}},
      {.name = "no length", .request = reply(ok + "\r\n0123456789")},
      {.name = "no length and no end", .request = {read(), send(ok + "\r\n"), flood(big("x"))}},
      {.name = "short body", .request = reply(ten + "abc")},
      {.name = "extra body",
       .request = {read(), send(ten + "0123456789HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL")}},
      {.name = "two lengths", .request = reply(ok + "Content-Length: 10\r\nContent-Length: 4\r\n\r\n0123456789")},
      {.name = "length and chunks",
       .request = reply(ok + "Content-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
      // Chunks.
      {.name = "chunk size is no number", .request = reply(chunked + "ten\r\n0123456789\r\n0\r\n\r\n")},
      {.name = "chunk of 2^63", .request = {read(), send(chunked + "8000000000000000\r\n0123456789"), hold()}},
      {.name = "chunk of 2^64", .request = {read(), send(chunked + "10000000000000000\r\n0123456789"), hold()}},
      {.name = "chunk longer than its size", .request = reply(chunked + "3\r\n0123456789\r\n0\r\n\r\n")},
      {.name = "last chunk is missing", .request = reply(chunked + "a\r\n0123456789\r\n")},
      {.name = "chunk extension without end", .request = {read(), send(chunked + "a;"), flood(big("name=value;"))}},
      {.name = "trailer without end", .request = {read(), send(chunked + "0\r\n"), flood(big("X-Trailer: value\r\n"))}},
      {.name = "chunks of chunks",
       .request = reply(ok + "Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")},
      // The header.
      {.name = "headers without end", .request = {read(), send(ok), flood(big("X-Header: value\r\n"))}},
      {.name = "header of 100 KB", .request = reply(ok + "X: " + std::string(100'000, 'x') + "\r\n\r\n")},
      {.name = "10,000 headers", .request = reply(many_headers + "\r\n")},
      {.name = "bare LF", .request = reply("HTTP/1.1 200 OK\nContent-Length: 10\n\n0123456789")},
      {.name = "NUL in a header", .request = reply(ok + "X: a" + std::string(1, '\0') + "b\r\n\r\n")},
      {.name = "blank before the colon", .request = reply(ok + "Content-Length : 10\r\n\r\n0123456789")},
      {.name = "interim replies without end",
       .request = {read(), flood(big("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"))}},
      {.name = "HTTP/0.9", .request = reply("<html>It works!</html>\r\n")},
      {.name = "another protocol", .request = reply("220 mail.example ESMTP ready\r\n")},
      // The body.
      {.name = "gzip that nobody asked for",
       .request = {read(), send(ok + "Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08"), flood(big(std::string(1, '\0')))}},
      {.name = "204 with a body", .request = {read(), send("HTTP/1.1 204 No Content\r\n\r\n0123456789")}},
      {.name = "error page without end", .request = {read(), send("HTTP/1.1 500 Error\r\n\r\n"), flood(big("x"))}},
      // Redirects.
      {.name = "redirect in a loop", .request = redirect("/")},
      {.name = "redirect to nowhere",
       .request = reply("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")},
      {.name = "redirect to a file", .request = redirect("file:///etc/passwd")},
      {.name = "redirect to data", .request = redirect("data:image/png;base64,AAAA")},
      {.name = "redirect to another port", .request = redirect("http://127.0.0.1:25/")},
      {.name = "redirect to a private host", .request = redirect("https://169.254.169.254/latest/meta-data/")},
      {.name = "redirect to plain http", .request = redirect("http://127.0.0.1/"), .only_tls = true},
      {.name = "redirect with a control character",
       .request = redirect("/a\x01"
                           "b")},
  };
}

} // namespace test
