# Installs the build in BUILD below PREFIX, sees that what users need is there and that the program starts.
file(REMOVE_RECURSE ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${PREFIX} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
foreach(file
    bin/dragoman
    share/dragoman/configs/quickstart.yaml
    share/dragoman/configs/multi30k-en-de.yaml
    share/dragoman/launch/mpirun.sh
    share/dragoman/launch/slurm.sbatch
    share/dragoman/launch/supervise.sh
    share/dragoman/launch/hosts.example
    share/doc/dragoman/README.md
    share/doc/dragoman/LICENSE
    share/doc/dragoman/docs/configuration.md
    share/doc/dragoman/docs/architecture.md)
  if(NOT EXISTS ${PREFIX}/${file})
    message(FATAL_ERROR "cmake --install left out ${file}")
  endif()
endforeach()
execute_process(COMMAND ${PREFIX}/bin/dragoman --version OUTPUT_VARIABLE version COMMAND_ERROR_IS_FATAL ANY)
if(NOT version MATCHES "^Dragoman [0-9]+\\.[0-9]+\\.[0-9]+\n")
  message(FATAL_ERROR "the installed program's --version begins with:\n${version}")
endif()
execute_process(COMMAND ${PREFIX}/share/dragoman/launch/mpirun.sh -n 2 ${PREFIX}/bin/dragoman --version
  OUTPUT_VARIABLE under_mpirun COMMAND_ERROR_IS_FATAL ANY)
if(NOT under_mpirun STREQUAL version)
  message(FATAL_ERROR "under the installed mpirun.sh, --version printed:\n${under_mpirun}")
endif()
file(REMOVE_RECURSE ${PREFIX})
