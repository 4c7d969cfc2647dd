#pragma once

#include <eucv/net/client.hpp>
#include <eucv/net/run.hpp>
#include <eucv/net/wait.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace test {

/// For servers of this machine, with deadlines that no healthy reply comes near.
inline eucv::net::client_options local_options() {
  eucv::net::client_options options;
  options.addresses = eucv::net::address_rule::any;
  options.connect = options.tls = options.first_byte = options.idle = options.total = std::chrono::seconds(20);
  return options;
}

/// A resolver that sends every host to `addresses`.
inline std::shared_ptr<eucv::net::resolver> resolve_all_to(eucv::net::address_list addresses) {
  return std::make_shared<eucv::net::resolver>(eucv::net::resolver_options{},
                                               [addresses](const std::string&) { return addresses; });
}

/// The reply to one request, waited for.
inline eucv::net::response fetch(eucv::net::client& web, const eucv::net::request& question) {
  return eucv::net::run(web.send(question));
}
inline eucv::net::response fetch(eucv::net::client& web, eucv::net::url target) {
  eucv::net::request question;
  question.target = std::move(target);
  return fetch(web, question);
}

/// Milliseconds that `action` takes.
template <class Action>
double milliseconds_of(Action&& action) {
  const auto begin = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// Ends as soon as `condition()` holds.
template <class Condition>
eucv::net::task<void> until(Condition condition) {
  while (!condition()) co_await eucv::net::wait(std::chrono::milliseconds(1));
}

} // namespace test
