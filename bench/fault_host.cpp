// Serves each fault of tests/support/faults.hpp on a port of its own, for any client: see bench/peers/faults.py.
//
//   bench_fault_host CA_FILE    writes the authority of its certificates there, prints "NAME<tab>URL" lines and an
//                               empty line, and serves until its standard input ends
#include "support/certificate.hpp"
#include "support/fault_server.hpp"
#include "support/faults.hpp"

#include <eucv/core/file.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: bench_fault_host CA_FILE\n";
    return 2;
  }
  const test::authority authority;
  eucv::write_file_atomically(argv[1], authority.pem());
  std::vector<std::unique_ptr<test::fault_server>> servers;
  for (auto& fault : test::network_faults()) {
    test::fault_server::options how{.accept = std::move(fault.accept), .request = std::move(fault.request)};
    if (fault.only_tls) how.tls = authority.issue();
    servers.push_back(std::make_unique<test::fault_server>(std::move(how)));
    std::cout << fault.name << '\t' << servers.back()->url("127.0.0.1", "/picture.jpg").str() << '\n';
  }
  std::cout << std::endl;
  while (std::cin.get() != std::istream::traits_type::eof()) {
  }
}
