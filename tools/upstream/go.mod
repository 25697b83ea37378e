module podpass.invalid/tools/upstream

go 1.25.0

require github.com/IBM/platform-services-go-sdk v0.103.0
