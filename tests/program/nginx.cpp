// eucv download against nginx over TLS, as museums serve their pictures: connections kept, certificates checked, a
// server that dies in the middle. Skipped where nginx is not installed.
#include "support/certificate.hpp"
#include "support/picture_folder.hpp"
#include "support/run_eucv.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/core/file.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/image/encode.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr const char* nginx_program = "/usr/sbin/nginx";
constexpr std::size_t count = 120;

sockaddr_in on_loopback(std::uint16_t port) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return place;
}

// A port that was free a moment ago.
std::uint16_t free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in place = on_loopback(0);
  socklen_t size = sizeof place;
  const bool bound = ::bind(listener, reinterpret_cast<const sockaddr*>(&place), size) == 0 &&
                     ::getsockname(listener, reinterpret_cast<sockaddr*>(&place), &size) == 0;
  ::close(listener);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(place.sin_port);
}

bool listens(std::uint16_t port) {
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in place = on_loopback(port);
  const bool good = ::connect(client, reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0;
  ::close(client);
  return good;
}

// nginx with pictures behind https://localhost, and a table of them; half the addresses are http ones that redirect.
class museum {
public:
  museum() : https_(free_port()), http_(free_port()) {
    const auto certificate = authority_.issue();
    eucv::write_file_atomically(folder_ / "ca.pem", authority_.pem());
    eucv::write_file_atomically(folder_ / "server.pem", certificate.pem);
    eucv::write_file_atomically(folder_ / "server.key", certificate.key);
    eucv::make_folder(folder_ / "pictures");
    eucv::write_file_atomically(folder_ / "nginx.conf", configuration());
    std::string table = "category,ID,URL\n";
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = std::to_string(i) + ".jpg";
      eucv::write_file_atomically(folder_ / "pictures" / name,
                                  eucv::image::encode_jpeg(test::coloured_picture(i % 2, i)));
      table +=
          "map,/1/" + std::to_string(i) + ',' +
          (i % 2 == 0 ? "https://localhost:" + std::to_string(https_) : "http://localhost:" + std::to_string(http_)) +
          '/' + name + '\n';
    }
    eucv::write_file_atomically(folder_ / "table.csv", table);
    start();
  }

  void start() {
    nginx_ = std::make_unique<test::process>(
        nginx_program,
        std::vector<std::string>{"-c", (folder_ / "nginx.conf").string(), "-e", (folder_ / "error.log").string()});
    if (!nginx_->until([&] { return listens(https_) && listens(http_); })) throw std::runtime_error(nginx_->wait().err);
  }
  void kill() { nginx_.reset(); }

  [[nodiscard]] test::outcome download(const char* images, std::vector<std::string> more = {},
                                       const char* authority = "ca.pem") const {
    std::vector<std::string> command{
        "download", (folder_ / "table.csv").string(), "--out", (folder_ / images).string(), "--size", "original",
        "--quiet",  "--allow-private-addresses"};
    command.insert(command.end(), more.begin(), more.end());
    return test::run_eucv(command, {.environment = {{"SSL_CERT_FILE", (folder_ / authority).string()}}});
  }
  [[nodiscard]] std::filesystem::path path(const char* name) const { return folder_ / name; }

  // The connections, by nginx's numbers, over which pictures were sent.
  [[nodiscard]] std::set<std::string> connections() const {
    std::istringstream log(eucv::read_file(folder_ / "access.log"));
    std::set<std::string> numbers;
    for (std::string number, status, agent; log >> number >> status && std::getline(log, agent);) {
      CHECK(agent.find("eucv/") != std::string::npos);
      if (status == "200") numbers.insert(number);
    }
    return numbers;
  }

private:
  [[nodiscard]] std::string configuration() const {
    const std::string folder = folder_.path().string();
    return "daemon off; master_process off; pid " + folder +
           "/nginx.pid;\n"
           "events { worker_connections 256; }\n"
           "http {\n"
           "  log_format short '$connection $status $http_user_agent'; access_log " +
           folder +
           "/access.log short;\n"
           "  client_body_temp_path " +
           folder + "; proxy_temp_path " + folder + "; fastcgi_temp_path " + folder +
           ";\n"
           "  uwsgi_temp_path " +
           folder + "; scgi_temp_path " + folder +
           ";\n"
           "  keepalive_requests 100000;\n"
           "  server { listen 127.0.0.1:" +
           std::to_string(https_) + " ssl; root " + folder +
           "/pictures;\n"
           "           ssl_certificate " +
           folder + "/server.pem; ssl_certificate_key " + folder +
           "/server.key; }\n"
           "  server { listen 127.0.0.1:" +
           std::to_string(http_) +
           ";\n"
           "           return 301 https://localhost:" +
           std::to_string(https_) +
           "$request_uri; }\n"
           "}\n";
  }

  test::temporary_folder folder_;
  test::authority authority_;
  std::uint16_t https_, http_;
  std::unique_ptr<test::process> nginx_;
};

std::size_t stored_files(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder)) return 0;
  return static_cast<std::size_t>(
      std::ranges::count_if(std::filesystem::recursive_directory_iterator(folder),
                            [](const auto& entry) { return entry.path().extension() == ".jpg"; }));
}

} // namespace

TEST_CASE("pictures come from nginx over TLS, and outlive its death") {
  if (!std::filesystem::exists(nginx_program)) {
    MESSAGE("skipped: nginx is not installed (apt-get install nginx-light)");
    return;
  }
  museum host;

  SUBCASE("byte by byte, over a handful of connections, http led to https") {
    const auto end = host.download("images");
    CAPTURE(end.err);
    CHECK(end.status == 0);
    const auto table = eucv::dataset::read_table(host.path("images") / "downloads.csv");
    REQUIRE(table.rows.size() == count);
    for (std::size_t i = 0; i < count; ++i)
      CHECK(eucv::read_file(host.path("images") / table.rows[i][table.column("file")]) ==
            eucv::read_file(host.path("pictures") / (std::to_string(i) + ".jpg")));
    CHECK(host.connections().size() <= 8); // four at a time, and a few that a redirect found taken
  }
  SUBCASE("nothing from a server whose certificate nobody vouches for") {
    eucv::write_file_atomically(host.path("other.pem"), test::authority().pem());
    const auto end = host.download("images", {}, "other.pem");
    CHECK(end.status == 3);
    CHECK(end.out.find("tls") != std::string::npos);
    CHECK(stored_files(host.path("images")) == 0);
  }
  SUBCASE("what a dead server did not send is failed, and fetched when it is back") {
    host.kill();
    const auto dead = host.download("images");
    CHECK(dead.status == 3);
    CHECK(dead.out.find("connect_failed") != std::string::npos);
    host.start();
    const auto end = host.download("images", {"--retry-failed"});
    CAPTURE(end.err);
    CHECK(end.status == 0);
    CHECK(stored_files(host.path("images")) == count);
  }
}
