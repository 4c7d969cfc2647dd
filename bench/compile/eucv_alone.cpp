// The peer of compile-eucv: what it includes, without it.
#include <Eigen/Core>
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast.hpp>
#include <boost/json.hpp>
#include <boost/url.hpp>

int main() {
  return boost::json::value(1).as_int64() == 1 ? 0 : 1;
}
